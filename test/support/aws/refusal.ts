/** How AWS says no. */
export class Refusal extends Error {
  override readonly name = "Refusal";
  readonly status: number;
  readonly code: string;

  constructor(status: number, code: string, message: string) {
    super(message);
    this.status = status;
    this.code = code;
  }
}

/** A request with other members than the API has, or of other types, would be a mistake that nobody sees. */
export function onlyOf(
  given: Readonly<Record<string, unknown>>,
  shape: Readonly<Record<string, "string" | "number" | "boolean" | "object">>,
): void {
  for (const [name, value] of Object.entries(given))
    if (typeof value !== shape[name])
      throw new Refusal(400, "SerializationException", `The member ${name} is unknown or has another type.`);
}
