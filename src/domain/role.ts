/** In ascending order: each role may do what the ones before it may. */
export const ROLES = ["reader", "operator", "approver", "admin"] as const;
export type Role = (typeof ROLES)[number];
