// What is said about a certificate and its key.
import { expect, test } from "bun:test";
import { chmodSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type CertificateSeen, type FileSeen, judgeCertificate } from "../../lib/doctor/certificate.ts";
import { readCertificate } from "../../lib/doctor/certificate-files.ts";
import { chatdSettings } from "../../lib/flags/chatd.ts";
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

test("none is no fault", () => {
  expect(judgeCertificate(undefined)).toMatchObject({ status: "ok", measured: { found: false } });
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

test("a key that others can read is a problem, wherever it is", () => {
  expect(judge({ key: file("/etc/chat/my key", ITS_KEY, 0o640) })).toMatchObject({
    status: "problem",
    text: expect.stringContaining("can read the key in /etc/chat/my key") as unknown,
    commands: ["chmod 600 '/etc/chat/my key'"],
  });
  const both = SOME_CERTIFICATE + ITS_KEY;
  expect(judge({ certificate: file("/etc/both.pem", both, 0o644), key: undefined })).toMatchObject({
    status: "problem",
    commands: ["chmod 600 /etc/both.pem"],
  });
  expect(judge({ certificate: file("/etc/both.pem", both, 0o600), key: undefined }).status).toBe("ok");
});

test("a key that is missing is a warning, one that does not belong to it or cannot be read a problem", () => {
  expect(judge({ key: undefined })).toMatchObject({
    status: "warning",
    text: expect.stringContaining("Its key was not found.") as unknown,
  });
  expect(judge({ key: file("/k", OTHER_KEY) })).toMatchObject({
    status: "problem",
    text: expect.stringContaining("The key in /k is another certificate's.") as unknown,
  });
  expect(judge({ key: file("/k", "no key") })).toMatchObject({
    status: "problem",
    text: expect.stringContaining("holds no key") as unknown,
  });
  expect(judge({ key: { path: "/k", code: "EACCES" } })).toMatchObject({
    status: "problem",
    text: expect.stringContaining("The key /k cannot be read.") as unknown,
  });
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

test("the files are those that were named, or those that stand in the folder for the history", async () => {
  await using dir = await tempDir();
  const room = chatdSettings(["--data", dir.path], {}, 1_024);
  const read = (certificate?: string, key?: string) => readCertificate({ certificate, key, room }, 7);
  expect(await read()).toBeUndefined();
  const [cert, key] = [join(dir.path, "tls-cert.pem"), join(dir.path, "tls-key.pem")];
  writeFileSync(cert, SOME_CERTIFICATE);
  chmodSync(cert, 0o644);
  expect(await read()).toEqual({
    certificate: file(cert, SOME_CERTIFICATE, 0o644),
    key: { path: key, code: "ENOENT" },
    now: 7,
  });
  writeFileSync(key, ITS_KEY, { mode: 0o600 });
  expect((await read())!.key).toEqual(file(key, ITS_KEY));
  expect(await read(cert)).toMatchObject({ key: undefined });
  expect(await read("/no/such", key)).toMatchObject({ certificate: { code: "ENOENT" }, key: { text: ITS_KEY } });
  // What could be read for ever.
  expect(await read("/dev/zero")).toMatchObject({ certificate: { code: "EFBIG" } });
});
