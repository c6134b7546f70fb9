// What people paste where a secret is asked for.
import { expect, test } from "bun:test";
import { secretIn } from "../../lib/protocol/secret.ts";

test.each([
  ["  abc-_DEF \n", "abc-_DEF"],
  ["http://192.168.1.5:3002/#invite=abc", "abc"],
  ["chat://192.168.1.5:3001/lobby#pin=xyz&invite=abc", "abc"],
  [" #invite=abc ", "abc"],
  ["chat 'chat://192.168.1.5:3001/lobby#invite=abc'", "abc"],
  ["http://192.168.1.5:3002/#", ""],
  ["chat://192.168.1.5:3001/lobby#pin=xyz", ""],
  ["", ""],
])("the invitation in %j is %j", (text, secret) => {
  expect(secretIn(text, "invite")).toBe(secret);
});
