// What a web listener asks for everything but its wires: the port of whatever is served beside a WebSocket. Knows no page and no socket.

/** The server's end of a wire. */
export interface NearEnd {
  readonly address: string;
  readonly port: number;
  readonly isHttps: boolean;
}

/** What answers the requests that come to the door. */
export interface Site {
  /** Where the WebSocket is. */
  readonly path: string;
  /** Says no to a request that comes from elsewhere or means another host. Asked first, for every request. */
  refuse(request: Request): Response | undefined;
  /** Whether `host`, a Host header, names this server and no other: then it proves whom the peer of the wire meant. */
  isOwn(host: string, at: NearEnd): boolean;
  /** Answers all that is not the WebSocket. */
  answer(request: Request): Response | Promise<Response>;
  /** What the listener itself has to say to people, under the headers that every answer of the site has. */
  sentence(status: number, text: string, headers?: Readonly<Record<string, string>>): Response;
}
