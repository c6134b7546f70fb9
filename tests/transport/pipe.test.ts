// The wire inside the process keeps what every wire promises.
import { dialPipe } from "../../lib/transport/pipe.ts";
import { transportSuite } from "./transport.suite.ts";

transportSuite("pipe", { fills: false, carries: "bytes", binding: /^local$/ }, async (accept) => ({
  dial: async (receiver) => dialPipe(accept, receiver),
  async [Symbol.asyncDispose]() {},
}));
