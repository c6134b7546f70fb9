// A compiled chatd that hears what no client would say, under the eyes of honest members: what is asked of it, and what is wrong with its answers.
import { join } from "node:path";
import { openFileLog } from "../../lib/log/open-file.ts";
import { FIRST_LINE_BYTES_MAX, LINE_BYTES_MAX } from "../../lib/protocol/limits.ts";
import { bytesOf } from "../../lib/protocol/text.ts";
import type { Dial } from "../../lib/transport/connection.ts";
import { dialTcp } from "../../lib/transport/dial-tcp.ts";
import { dialWebSocket } from "../../lib/transport/dial-websocket.ts";
import { openFiles } from "../bench/process-cost.ts";
import { type Heard, type Peer, peer } from "../support/peer.ts";
import type { TempDir } from "../support/temp-dir.ts";
import { dirtIn } from "./clean.ts";
import { answersAmong, expectedOf, wrongAnswers } from "./expected.ts";
import { Honest } from "./honest.ts";
import { historyFolder, openTarget, type Target } from "./target.ts";

/** In what is made up, the marks of a run begin with this; on the wire, with what no other run has. */
export const MARK = "mark-";
const utf8 = new TextEncoder();

export interface Given {
  readonly dial: Dial;
  readonly lines: readonly string[];
  /** Where the bytes are cut, in parts of their length. */
  readonly cuts: readonly number[];
  /** They come from a member. */
  readonly isIn: boolean;
}

export class FuzzedRoom implements AsyncDisposable {
  target!: Target;
  readonly overTcp: Dial = (receiver) => dialTcp({ hostname: "127.0.0.1", port: this.target.port }, receiver);
  readonly overWebSocket: Dial = (receiver) => dialWebSocket(`ws://127.0.0.1:${this.target.webPort}/ws`, receiver);
  readonly #folder: TempDir;
  #honest!: Honest;
  /** Hears all that everybody hears. */
  #witness!: Peer;
  #runs = 0;
  #sent = 0;

  private constructor(folder: TempDir) {
    this.#folder = folder;
  }

  static async open(): Promise<FuzzedRoom> {
    const room = new FuzzedRoom(await historyFolder());
    await room.#begin();
    room.#honest = await Honest.arrive(room.target);
    return room;
  }

  async #begin(): Promise<void> {
    this.target = await openTarget({ flags: ["--rate", "off", "--per-address", "off", "--data", this.#directory] });
    const witness = await peer(this.overTcp, "witness");
    await witness.join("Wilhelmina");
    witness.hears = ({ type }) => {
      if (type === "ping") witness.send({ type: "pong" });
    };
    this.#witness = witness;
  }

  get #directory(): string {
    return join(this.#folder.path, "data");
  }

  /** What is to be tried again, because it has ended chatd, needs another one. */
  async stand(): Promise<void> {
    if (openFiles(this.target.program.pid) === undefined) await this.#begin();
  }

  /** The lines as bytes, with marks that no other run has. */
  marked(lines: readonly string[]): { readonly mark: string; readonly bytes: Uint8Array } {
    const mark = `${++this.#runs}-`;
    return { mark, bytes: utf8.encode(lines.map((line) => `${line.replaceAll(MARK, mark)}\n`).join("")) };
  }

  /** Somebody new, in the room or at its door. */
  async fuzzer(dial: Dial, isIn: boolean): Promise<Peer> {
    const fuzzer = await peer(dial, "fuzzer");
    if (isIn) await fuzzer.join(`fuzz${this.#runs}`);
    return fuzzer;
  }

  /** What is wrong with what the room does with these lines, as sentences. Each is to be answered once, and none ends the conversation. */
  async problemsOf({ dial, lines, cuts, isIn }: Given): Promise<readonly string[]> {
    await this.stand();
    // What stands for a mark may be longer than the mark.
    const limit = (isIn ? LINE_BYTES_MAX : FIRST_LINE_BYTES_MAX) - 1_000;
    const { mark, bytes: said } = this.marked(lines.filter((line) => bytesOf(line) < limit));
    // Understood from the first, so that what is no JSON ends nothing.
    const bytes = isIn ? said : Buffer.concat([Buffer.from('{"type":"pong"}\n'), said]);
    const expected = expectedOf(bytes, { isIn });
    this.#sent += lines.length;
    await using fuzzer = await this.fuzzer(dial, isIn);
    if (isIn) await fuzzer.rest();
    // What was said before is another run's.
    const before = fuzzer.lines.length;
    const heard = await conversation(fuzzer, bytes, cuts, `${mark}last`);
    fuzzer.send({ type: "leave", re: `${mark}leave` });
    const bye = (await fuzzer.end()).at(-1);
    const names = new Set(isIn ? [`fuzz${this.#runs}`] : []);
    return [
      ...wrongAnswers(expected, heard, answersAmong(heard, names), mark),
      ...dirt(fuzzer.lines.slice(before)),
      ...(expected.end === undefined ? [] : [`they should have ended with ${expected.end}`]),
      ...(bye?.type === "bye" && bye["code"] === "left" ? [] : ["to leave was not answered"]),
    ];
  }

  /** It is over: what anybody honest has noticed, and what is not clean of what everybody heard, as sentences. */
  async verdict(): Promise<readonly string[]> {
    console.log(`  ${this.#sent} lines in ${this.#runs} conversations`);
    return [...dirt(this.#witness.lines), ...(await this.#honest.verdict())];
  }

  /** Ends chatd. What is wrong with what it has stored, as sentences. */
  async stored(): Promise<readonly string[]> {
    this.target.program.kill("SIGTERM");
    const code = await this.target.program.exited();
    await using log = openFileLog(this.#directory);
    const cursor = log.follow(0, { grown() {} });
    const lines: string[] = [];
    for (let batch = cursor.take(); batch; batch = cursor.take())
      lines.push(...new TextDecoder().decode(batch.bytes).trimEnd().split("\n"));
    return [
      ...(code === 0 ? [] : [`chatd ended with ${code}`]),
      ...(lines.length > this.#runs ? [] : [`only ${lines.length} events were stored`]),
      ...dirt(lines),
    ];
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#honest[Symbol.asyncDispose]();
    await this.target[Symbol.asyncDispose]();
    await this.#folder[Symbol.asyncDispose]();
  }
}

export function dirt(lines: readonly string[]): string[] {
  return lines.flatMap((line) => dirtIn(line) ?? []);
}

/** Sends `bytes` in pieces, and then a question whose answer comes after all others. Answers what was heard until then. */
async function conversation(
  fuzzer: Peer,
  bytes: Uint8Array,
  cuts: readonly number[],
  last: string,
): Promise<readonly Heard[]> {
  const places = cuts.map((cut) => Math.floor(cut * bytes.length)).toSorted((one, other) => one - other);
  for (const [index, place] of [0, ...places].entries()) fuzzer.connection.send(bytes.subarray(place, places[index]));
  fuzzer.send({ type: "members", re: last });
  const heard: Heard[] = [];
  for (;;) {
    const message = await fuzzer.next();
    if (message["re"] === last) return heard;
    heard.push(message);
  }
}
