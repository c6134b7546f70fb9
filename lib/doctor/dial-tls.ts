// A wire that is encrypted from its first byte, to whoever is there: only asks who that is, and trusts nobody.
import { connect } from "node:tls";
import { FIRST_LINE_BYTES_MAX } from "../protocol/limits.ts";
import { LineSplitter } from "../protocol/line.ts";
import { Unreachable } from "../transport/connection.ts";
import type { DialLines } from "./probe.ts";

export function dialTls(host: string, port: number): DialLines {
  return (receiver) =>
    new Promise((resolve, reject) => {
      const lines = new LineSplitter(FIRST_LINE_BYTES_MAX);
      const socket = connect({ host, port, rejectUnauthorized: false });
      socket.once("secureConnect", () =>
        resolve({ send: (bytes) => void socket.write(bytes), finish: () => void socket.destroy() }),
      );
      socket.on("data", (bytes: Uint8Array) => {
        const fault = lines.push(bytes, (line) => receiver.received(line));
        if (fault) receiver.broken(fault);
      });
      socket.once("error", (error) => reject(new Unreachable("Nobody there speaks TLS.", { cause: error })));
      socket.once("close", () => {
        reject(new Unreachable("Nobody there speaks TLS."));
        receiver.closed();
      });
    });
}
