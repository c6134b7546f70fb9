// The colour of a name. It only helps to find somebody: whatever it tells stands there in words too.
const HUES = 8;

/** The same for a name for ever, so that people know each other again. */
export function hueOf(name: string): number {
  let sum = 0;
  for (const sign of name) sum = (sum * 31 + sign.codePointAt(0)!) % 65_521;
  return sum % HUES;
}
