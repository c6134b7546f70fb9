// The port of the wires: a peer that takes bytes and sends lines. Knows nothing of what the lines say.
import type { LineFault } from "../protocol/line.ts";
import type { TooMany } from "./turnstile.ts";

/** One end of a wire. Methods never throw, also after the wire is gone. */
export interface Connection {
  /** Who is at the other end, for limits by address and for the operator: an IP address, or "local". */
  readonly address: string;
  /**
   * What both ends know of this one wire, for proofs that must not be worth anything on another: nobody in the middle can
   * make it equal on two wires without being the server that it names. `local` inside the process; `tls:` and the server's
   * pin where the wire is encrypted by the end itself; of a WebSocket, `host:` and the host of its address; of TCP in plain
   * text, `plain:` and the server's address, as far as both ends see the same one.
   *
   * Nothing on the server's end where it does not prove that the peer meant this server: a WebSocket that was opened for a
   * host that others may be as well, and plain text where the server encrypts, since the same address may be another's in
   * another network.
   */
  readonly binding: string | undefined;
  /** Bytes that were sent and that the network has not taken yet. */
  readonly backlog: number;
  /** Bytes that the network has ever taken: a peer is stuck while there is a backlog and this does not grow. */
  readonly taken: number;
  /** Queues whole lines. */
  send(bytes: Uint8Array): void;
  /** Resolves once the backlog is empty, or the wire is gone. */
  drained(): Promise<void>;
  /**
   * Stops and goes on reading. What was read already may still come; what the peer sends meanwhile, its goodbye too, waits
   * in the network's buffers, and then the peer waits. A browser's WebSocket cannot stop reading: there it waits in memory.
   */
  pause(): void;
  resume(): void;
  /** Sets how many bytes a line may have from the next line on; until then it is FIRST_LINE_BYTES_MAX, at either end. */
  limitLines(bytes: number): void;
  /**
   * Sends what is queued and then says goodbye; what still arrives is ignored. A peer that takes no more of it, or does not
   * close its end, is cut off.
   */
  finish(): void;
  /** Cuts the wire now. */
  abort(): void;
}

/** Whether the end of the wire has encrypted it itself. What a proxy does beyond that is not known here. */
export function isEncrypted({ binding }: Connection): boolean {
  return binding?.startsWith("tls:") ?? false;
}

/** What a connection tells its owner, one call at a time. */
export interface Receiver {
  received(line: string): void;
  /** The bytes make no lines any more. Nothing follows but `closed`. */
  broken(fault: LineFault): void;
  /** The wire is gone, or the peer has said its last. Called once. */
  closed(): void;
}

/** The wire of a peer that has come to a door. */
export interface Arrival extends Connection {
  /** From here on `receiver` hears what comes, and that it is over, also if it is already. */
  attach(receiver: Receiver): void;
}

/** A peer has come, and may not come in where there are too many: answers who listens to it. */
export type Accept = (arrival: Arrival, tooMany?: TooMany) => Receiver;

export interface Listener extends AsyncDisposable {
  readonly port: number;
  /** Takes no new peers; those who are here stay. */
  stop(): void;
  /** Resolves when nobody is here any more. */
  emptied(): Promise<void>;
}

/** The peer cannot be reached; the message is a sentence for people. */
export class Unreachable extends Error {
  override readonly name = "Unreachable";
}

/** The server is not to be trusted, and was told nothing; the message is a sentence for people. It does not pass by trying again. */
export class Untrusted extends Error {
  override readonly name = "Untrusted";
}

/** What whoever dials thinks of a server, asked before it is told anything. */
export interface Trust {
  /** The wire is encrypted, and the server has shown this pin. Throws Untrusted. */
  encrypted(pin: string): void;
  /** The wire stays in plain text. Throws Untrusted. */
  plain(): void;
}

/** Opens a wire to a server. Throws Unreachable, or Untrusted. */
export type Dial = (receiver: Receiver) => Promise<Connection>;
