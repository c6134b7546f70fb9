// Servers that are not a chatd: what they are, for people.

/** The server that answered speaks something else. */
export class Stranger extends Error {
  override readonly name = "Stranger";
}

/** What `line`, the first that the server sent, says about it; nothing where a newer chatd may have sent it. */
export function strangerSentence(line: string): string | undefined {
  // One that could be read would not have come here.
  if (line.startsWith('{"type":"welcome"'))
    return "Its welcome is none that this program understands: the room may be newer. Please get the newer program; in a browser, reload the page.";
  if (/^\{.*"type":"/.test(line)) return undefined;
  if (line.startsWith("SSH-")) return "That is an SSH server, not a chatd. Is the port right?";
  if (line.startsWith("HTTP/") || /^<(!doctype|html)/i.test(line))
    return "That is a web server, not a chatd. Is the port right? chatd's is 3001.";
  if (/^220[ -]/.test(line)) return "That is a mail or FTP server, not a chatd. Is the port right?";
  return "What answers there is not a chatd. Is the port right?";
}
