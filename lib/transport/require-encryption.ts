// A door that lets in encrypted wires only: whoever speaks in plain text is told what to do. Knows nothing of rooms.
import { encode } from "../protocol/codec.ts";
import { type Bye, refuse } from "../protocol/message.ts";
import { type Accept, isEncrypted, type Receiver } from "./connection.ts";

const CODE = "encryption-required";
const TEXT =
  'This room takes encrypted connections only. A newer chat makes one by itself; other programs send {"type":"starttls"} first.';

export function requireEncryption(accept: Accept): Accept {
  return (connection, tooMany) => {
    const inside = accept(connection, tooMany);
    let receiver: Receiver | undefined;
    const turnAway = (): Receiver => {
      connection.send(encode(refuse(CODE, TEXT)));
      connection.send(encode({ type: "bye", code: CODE, text: TEXT } satisfies Bye));
      connection.finish();
      return { received() {}, broken() {}, closed: () => inside.closed() };
    };
    return {
      received(line) {
        receiver ??= isEncrypted(connection) ? inside : turnAway();
        receiver.received(line);
      },
      broken: (fault) => (receiver ?? inside).broken(fault),
      closed: () => inside.closed(),
    };
  };
}
