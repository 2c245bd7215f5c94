type Given<Values> = { [Key in keyof Values]?: Exclude<Values[Key], undefined> };

/** Only what was given: a key whose value is undefined is not there. */
export function given<Values extends object>(values: Values): Given<Values> {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined)) as Given<Values>;
}
