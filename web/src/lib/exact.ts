/** So many digits a number must have to be beyond those that this language tells apart. */
const LONG = /\d{16}/;

/**
 * JSON whose whole numbers stay what they are: one that this language would round, as it does beyond 2^53, is its text. Browsers that do not
 * tell the text of a number round it.
 */
export function exactJson(text: string): unknown {
  // Most texts have no such number, and are read much faster without a look at each value.
  if (!LONG.test(text)) return JSON.parse(text);
  return JSON.parse(text, (_, value: unknown, context?: { source?: string }) =>
    typeof value === "number" && Number.isInteger(value) && !Number.isSafeInteger(value)
      ? (context?.source ?? value)
      : value,
  );
}
