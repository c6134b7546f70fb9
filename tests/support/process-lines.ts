// The whole lines that a process prints. Half a line, from one that was killed while printing, is nothing.

export async function* processLines(stream: ReadableStream<Uint8Array>): AsyncGenerator<string, undefined> {
  const utf8 = new TextDecoder();
  let held = "";
  for await (const bytes of stream) {
    const lines = (held + utf8.decode(bytes, { stream: true })).split("\n");
    held = lines.pop()!;
    yield* lines;
  }
  return undefined;
}
