// Whom chat trusts: the link, what it knows, or whoever comes first; and what it says where it does not.
import { describe, expect, test } from "bun:test";
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { knownHost, knownHostsFile, rememberHost } from "../../lib/terminal/known-hosts.ts";
import { ServerTrust } from "../../lib/terminal/server-trust.ts";
import { Untrusted } from "../../lib/transport/connection.ts";
import { tempDir } from "../support/temp-dir.ts";

const [ONE, TWO] = ["A".repeat(43), "B".repeat(43)];
const place = { hostname: "192.168.1.5", port: 3_001 };

function sentenceOf(judge: () => void): string {
  try {
    judge();
  } catch (error) {
    expect(error).toBeInstanceOf(Untrusted);
    return (error as Error).message;
  }
  throw new Error("It was trusted.");
}

describe("without a link", () => {
  test("the first key is believed and remembered, and is the only one from then on", async () => {
    await using folder = await tempDir();
    const trust = new ServerTrust(folder.path, place);
    expect(trust.standing).toBeUndefined();
    trust.encrypted(ONE);
    expect(trust.standing).toBe("first-time");
    expect(knownHost(folder.path, place)?.pin).toBe(ONE);
    trust.encrypted(ONE);
    expect(trust.standing).toBe("verified");
    const later = new ServerTrust(folder.path, place);
    later.encrypted(ONE);
    expect(later.standing).toBe("verified");
  });

  test("another key is told with both, with the line to remove, and changes nothing", async () => {
    await using folder = await tempDir();
    rememberHost(folder.path, place, ONE);
    const trust = new ServerTrust(folder.path, place);
    const sentence = sentenceOf(() => trust.encrypted(TWO));
    expect(sentence).toContain("192.168.1.5:3001 has another key than before");
    expect(sentence).toContain(`Known: ${ONE}. Shown now: ${TWO}.`);
    expect(sentence).toContain(`remove line 2 of ${knownHostsFile(folder.path)}`);
    expect(sentence).toContain("chat LINK");
    expect([knownHost(folder.path, place)?.pin, trust.standing]).toEqual([ONE, undefined]);
    trust.encrypted(ONE);
    expect(trust.standing).toBe("verified");
  });

  test("plain text will do for a server that was never encrypted, and for no other", async () => {
    await using folder = await tempDir();
    const trust = new ServerTrust(folder.path, place);
    trust.plain();
    expect(trust.standing).toBe("plain");
    trust.encrypted(ONE);
    expect(trust.standing).toBe("first-time");
    for (const each of [trust, new ServerTrust(folder.path, place)]) {
      const sentence = sentenceOf(() => each.plain());
      expect(sentence).toContain("does not encrypt any more");
      expect(sentence).toContain(`remove line 2 of ${knownHostsFile(folder.path)}`);
    }
  });

  test("what this run has seen holds, whatever becomes of the file", async () => {
    await using folder = await tempDir();
    const trust = new ServerTrust(join(folder.path, "config"), place);
    trust.encrypted(ONE);
    rmSync(join(folder.path, "config"), { recursive: true });
    expect(sentenceOf(() => trust.encrypted(TWO))).toContain(`Known: ${ONE}. Shown now: ${TWO}.`);
    expect(sentenceOf(() => trust.plain())).toContain("start chat again");
    trust.encrypted(ONE);
    expect(trust.standing).toBe("verified");
  });

  test("a file that cannot be read is told, and nobody is trusted", async () => {
    await using folder = await tempDir();
    mkdirSync(knownHostsFile(folder.path));
    const trust = new ServerTrust(folder.path, place);
    for (const judge of [() => trust.encrypted(ONE), () => trust.plain()])
      expect(sentenceOf(judge)).toContain(`${knownHostsFile(folder.path)} cannot be read (EISDIR)`);
  });

  test("a line that was spoilt is another key, not none", async () => {
    await using folder = await tempDir();
    writeFileSync(knownHostsFile(folder.path), "192.168.1.5:3001 AAA\n");
    const trust = new ServerTrust(folder.path, place);
    expect(sentenceOf(() => trust.encrypted(ONE))).toContain(`Known: AAA. Shown now: ${ONE}.`);
    expect(sentenceOf(() => trust.plain())).toContain("does not encrypt any more");
  });
});

describe("with a link", () => {
  test("its key is verified the first time, and remembered in place of an older one", async () => {
    await using folder = await tempDir();
    const trust = new ServerTrust(folder.path, place, ONE);
    trust.encrypted(ONE);
    expect([trust.standing, knownHost(folder.path, place)?.pin]).toEqual(["verified", ONE]);
    const newer = new ServerTrust(folder.path, place, TWO);
    newer.encrypted(TWO);
    expect([newer.standing, knownHost(folder.path, place)?.pin]).toEqual(["renewed", TWO]);
  });

  test("another key is not trusted, also where it was known before", async () => {
    await using folder = await tempDir();
    rememberHost(folder.path, place, TWO);
    const sentence = sentenceOf(() => new ServerTrust(folder.path, place, ONE).encrypted(TWO));
    expect(sentence).toContain("192.168.1.5:3001 is not the one that the link names");
    expect(sentence).toContain(`In the link: ${ONE}. Shown now: ${TWO}.`);
    expect(knownHost(folder.path, place)?.pin).toBe(TWO);
  });

  test("plain text is not trusted", async () => {
    await using folder = await tempDir();
    const trust = new ServerTrust(folder.path, place, ONE);
    expect(sentenceOf(() => trust.plain())).toContain("does not encrypt, and the link says that it does");
    expect(trust.standing).toBeUndefined();
  });
});
