// Input that comes from a pipe, line by line.

/** The lines of `input` until it ends; a closed input has none. Reading begins with the first line asked for, and none is lost before that. */
export async function* linesOf(input: NodeJS.ReadStream): AsyncGenerator<string, void> {
  const { createInterface } = await import("node:readline");
  yield* createInterface({ input, crlfDelay: Infinity });
}
