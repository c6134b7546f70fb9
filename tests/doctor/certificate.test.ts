// What is said about a certificate and its key.
import { expect, test } from "bun:test";
import { chmodSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type CertificateSeen, type FileSeen, judgeCertificate } from "../../lib/doctor/certificate.ts";
import { readCertificate } from "../../lib/doctor/certificate-files.ts";
import { chatdSettings } from "../../lib/flags/chatd.ts";
import { keepCertificate } from "../../lib/transport/own-certificate.ts";
import { ITS_KEY, NAMELESS_CERTIFICATE, OTHER_KEY, SOME_CERTIFICATE } from "../support/some-certificate.ts";
import { tempDir } from "../support/temp-dir.ts";

const DAY_MS = 86_400_000;
const END = Date.parse("2027-11-27T07:08:24Z");
const file = (path: string, text: string, mode = 0o600): FileSeen => ({ path, text, mode });
const usual: CertificateSeen = {
  certificate: file("/etc/chat/cert.pem", SOME_CERTIFICATE, 0o644),
  key: file("/etc/chat/key.pem", ITS_KEY),
  now: END - 90.5 * DAY_MS,
};
const judge = (more: Partial<CertificateSeen> = {}) => judgeCertificate({ ...usual, ...more });

test("one that holds is fine", () => {
  expect(judge()).toEqual({
    name: "certificate",
    status: "ok",
    text: "/etc/chat/cert.pem, for chat.example.org, *.example.org, 192.0.2.1 and 1 more, holds until 2027-11-27, 90 days more.",
    measured: { found: true, valid_from: "2026-11-27", valid_to: "2027-11-27", days_left: 90 },
  });
});

test("none is no fault, unless none is wanted", () => {
  expect(judgeCertificate("none yet")).toMatchObject({ status: "ok", measured: { found: false } });
  expect(judgeCertificate("off")).toMatchObject({
    status: "warning",
    text: expect.stringContaining("can read along") as unknown,
    measured: { found: false },
  });
});

test.each<[string, number, string, string]>([
  ["soon over", END - 14 * DAY_MS + 1, "warning", "holds until 2027-11-27, 13 days more"],
  ["over tomorrow", END - DAY_MS, "warning", "24 hours more"],
  ["over", END + 1, "problem", "has not held since 2027-11-27"],
  ["not to hold yet", Date.parse("2026-11-26T00:00:00Z"), "problem", "does not hold before 2026-11-27"],
])("one that is %s says so", (_, now, status, text) => {
  expect(judge({ now })).toMatchObject({ status, text: expect.stringContaining(text) as unknown });
  expect(judge({ now }).advice).toBeDefined();
});

test("one without other names is for its common name", () => {
  const certificate = file("cert.pem", NAMELESS_CERTIFICATE);
  expect(judge({ certificate, now: Date.parse("2026-12-01T00:00:00Z") }).text).toStartWith(
    "cert.pem, for only.example.org, holds",
  );
});

test("a key that others can read is a problem", () => {
  expect(judge({ key: file("/etc/chat/my key", ITS_KEY, 0o640) })).toMatchObject({
    status: "problem",
    text: expect.stringContaining("can read the key in /etc/chat/my key") as unknown,
    commands: ["chmod 600 '/etc/chat/my key'"],
  });
});

test("a key that is missing, does not belong to it or cannot be read is a problem", () => {
  for (const [key, text] of [
    [{ path: "/k", code: "ENOENT" }, "The key /k is not there."],
    [{ path: "/k", code: "EACCES" }, "The key /k cannot be read."],
    [file("/k", OTHER_KEY), "The key in /k is another certificate's."],
    [file("/k", "no key"), "/k holds no key in PEM"],
  ] as const)
    expect(judge({ key })).toMatchObject({ status: "problem", text: expect.stringContaining(text) as unknown });
});

test("a file that is no certificate, or is not there, is a problem", () => {
  expect(judge({ certificate: file("/c\x1b[2J", "-----BEGIN CERTIFICATE-----\nnonsense") })).toMatchObject({
    status: "problem",
    text: "/c\\x1b[2J holds no certificate in PEM (-----BEGIN CERTIFICATE-----).",
  });
  expect(judge({ certificate: { path: "/c", code: "ENOENT" } })).toMatchObject({
    status: "problem",
    text: "The certificate /c is not there.",
  });
});

test("the files are those that were named, or those that chatd keeps with the history", async () => {
  await using dir = await tempDir();
  const read = (...flags: readonly string[]) =>
    readCertificate(chatdSettings(["--data", dir.path, ...flags], {}, 1_024), 7);
  expect(await read()).toBe("none yet");
  expect(await readCertificate(chatdSettings(["--ephemeral"], {}, 1_024), 7)).toBe("none yet");
  const [cert, key] = [join(dir.path, "tls-cert.pem"), join(dir.path, "tls-key.pem")];
  writeFileSync(key, ITS_KEY, { mode: 0o600 });
  expect(await read()).toBe("none yet");
  writeFileSync(cert, SOME_CERTIFICATE);
  chmodSync(cert, 0o644);
  const both = { certificate: file(cert, SOME_CERTIFICATE, 0o644), key: file(key, ITS_KEY), now: 7 };
  expect(await read()).toEqual(both);
  expect(await read("--tls", "required")).toEqual(both);
  expect(await read("--no-tls")).toBe("off");
  expect(await read("--tls-cert", cert, "--tls-key", "/no/such")).toEqual({
    ...both,
    key: { path: "/no/such", code: "ENOENT" },
  });
  // What could be read for ever.
  expect(await read("--tls-cert", "/dev/zero", "--tls-key", key)).toMatchObject({ certificate: { code: "EFBIG" } });
});

test("what chatd makes itself holds", async () => {
  await using dir = await tempDir();
  await keepCertificate(dir.path, ["somewhere"]);
  const seen = await readCertificate(chatdSettings(["--data", dir.path], {}, 1_024), Date.now());
  expect(judgeCertificate(seen)).toMatchObject({
    status: "ok",
    text: expect.stringMatching(
      /for localhost, somewhere, 127\.0\.0\.1 and 1 more, holds until 9999-12-31, \d+ years more\.$/,
    ) as unknown,
  });
});
