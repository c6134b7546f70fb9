// A port that is to be opened: it is, or a sentence says why not and what to do.

/** The port cannot be opened; the message says why and what to do. */
export class PortUnusable extends Error {
  override readonly name = "PortUnusable";
  /** Another program has it. */
  readonly isInUse: boolean;

  constructor(message: string, cause: unknown) {
    super(message, { cause });
    this.isInUse = codeOf(cause) === "EADDRINUSE";
  }
}

/** What `listen` answers for `port`, which `--flag` chooses. Throws PortUnusable. */
export function openPort<L>(flag: "port" | "web-port", hostname: string, port: number, listen: () => L): L {
  try {
    return listen();
  } catch (error) {
    throw new PortUnusable(whyNot(codeOf(error), flag, hostname, port), error);
  }
}

function whyNot(code: unknown, flag: string, hostname: string, port: number): string {
  if (code === "EADDRINUSE")
    return `Port ${port} is in use, perhaps by another chatd. Stop that one, or choose another port: --${flag} ${port > 65_525 ? 4_000 : port + 10} (0 takes a free one).`;
  if (code === "EACCES") return `Port ${port} is for the administrator only. Choose one above 1023 with --${flag}.`;
  return `This machine cannot listen on ${hostname}. Choose one of its own addresses with --host, or leave --host out.`;
}

function codeOf(error: unknown): unknown {
  return error instanceof Error && "code" in error ? error.code : undefined;
}
