// What writers say: numbered, so that order and loss can be seen; short and long, of one line and of several.

export function textOf(name: string, number: number): string {
  const start = `${number} ${name}`;
  // Letters of one to four bytes, so that a cut falls into the middle of one.
  if (number % 101 === 0) return `${start} ${"añ語😀 ".repeat(500)}.`;
  if (number % 13 === 0) return `${start}\nsays "two" lines \\ Łódź 語 😀`;
  return `${start} says something`;
}

export function numberOf(text: string): number {
  return Number.parseInt(text, 10);
}
