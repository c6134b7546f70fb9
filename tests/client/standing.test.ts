// How far a wire can be trusted, in the words that people read, and when there is anything to say.
import { expect, test } from "bun:test";
import { standingSight, StandingNews, standingWords } from "../../lib/client/standing.ts";
import { type Standing, STANDINGS } from "../../lib/protocol/message.ts";

test("each has its words, and plain text is a problem", () => {
  expect(STANDINGS.map(standingWords)).toEqual([
    "encrypted, verified",
    "encrypted, first time",
    "encrypted, with another key than before",
    "NOT ENCRYPTED",
  ]);
  for (const standing of STANDINGS) expect(standingSight(standing).text).toContain(standingWords(standing));
  expect(STANDINGS.map((standing) => standingSight(standing).tone)).toEqual(["notice", "notice", "notice", "problem"]);
});

test.each<[(Standing | undefined)[], (Standing | undefined)[]]>([
  [
    ["verified", "verified"],
    ["verified", undefined],
  ],
  [
    ["first-time", "verified", "verified"],
    ["first-time", undefined, undefined],
  ],
  [
    ["plain", "plain", "first-time", "verified"],
    ["plain", undefined, "first-time", undefined],
  ],
  [
    ["plain", "verified"],
    ["plain", "verified"],
  ],
  [
    ["renewed", "verified"],
    ["renewed", undefined],
  ],
  [
    [undefined, undefined],
    [undefined, undefined],
  ],
  [
    ["verified", undefined, "verified"],
    ["verified", undefined, undefined],
  ],
])("of connections that are %j in turn, there is to say %j", (standings, news) => {
  const said = new StandingNews();
  expect(standings.map((standing) => said.of(standing))).toEqual(news);
});
