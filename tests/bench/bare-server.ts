// The least that a server in Bun can do: every line goes to everyone, in one write a listener and turn. No rules, no log.
// Given a file, it has each turn there, synced, before anyone sees it, and never reads it: what the disk alone costs.
import type { Socket } from "bun";
import { fdatasyncSync, fsyncSync, openSync, writeSync } from "node:fs";

interface Listener {
  /** What it has not taken yet. */
  rest: Uint8Array;
  /** The line that it has begun. */
  begun: Uint8Array;
}

const NOTHING = new Uint8Array();
const LF = 0x0a;
/** Lines begin `{"type":"`, and of those that anyone sends here only `join` goes on with this letter. */
const JOIN = "j".charCodeAt(0);
const TYPE_AT = '{"type":"'.length;
const WELCOME = Buffer.from('{"type":"welcome","seq":0}\n');

/** The file is written from its start again where it ends: its room is made beforehand, as chatd's is. */
const FILE_BYTES = 16_777_216;
const [, , path] = process.argv;
const file = path === undefined ? undefined : openSync(path, "w", 0o600);
let fileEnd = 0;
if (file !== undefined) {
  writeSync(file, new Uint8Array(FILE_BYTES), 0, FILE_BYTES, 0);
  fsyncSync(file);
}

const sockets = new Set<Socket<Listener>>();
let turn: Uint8Array[] = [];

const server = Bun.listen<Listener>({
  hostname: "127.0.0.1",
  port: 0,
  // Each socket gets its own when it opens.
  data: { rest: NOTHING, begun: NOTHING },
  socket: {
    open(socket) {
      socket.setNoDelay(true);
      socket.data = { rest: NOTHING, begun: NOTHING };
      sockets.add(socket);
    },
    data(socket, bytes) {
      const { data } = socket;
      const whole = bytes.lastIndexOf(LF) + 1;
      const lines =
        data.begun.length > 0 ? Buffer.concat([data.begun, bytes.subarray(0, whole)]) : bytes.subarray(0, whole);
      if (whole === 0) {
        data.begun = Buffer.concat([data.begun, bytes]);
        return;
      }
      data.begun = bytes.subarray(whole);
      if (lines[TYPE_AT] === JOIN) return send(socket, WELCOME);
      if (turn.length === 0) setImmediate(flush);
      turn.push(lines);
    },
    drain(socket) {
      const { rest } = socket.data;
      socket.data.rest = NOTHING;
      send(socket, rest);
    },
    close(socket) {
      sockets.delete(socket);
    },
  },
});

function flush(): void {
  const batch = turn.length === 1 ? turn[0]! : Buffer.concat(turn);
  turn = [];
  keep(batch);
  for (const socket of sockets) send(socket, batch);
}

function keep(bytes: Uint8Array): void {
  if (file === undefined) return;
  if (fileEnd + bytes.length > FILE_BYTES) fileEnd = 0;
  fileEnd += writeSync(file, bytes, 0, bytes.length, fileEnd);
  fdatasyncSync(file);
}

function send(socket: Socket<Listener>, bytes: Uint8Array): void {
  const { data } = socket;
  if (data.rest.length > 0) {
    data.rest = Buffer.concat([data.rest, bytes]);
    return;
  }
  const taken = socket.write(bytes);
  if (taken >= 0 && taken < bytes.length) data.rest = bytes.subarray(taken);
}

console.log(JSON.stringify({ text: "listening", port: server.port }));
