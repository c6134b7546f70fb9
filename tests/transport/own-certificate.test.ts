// The certificate that chatd makes, keeps and is given: read, checked, and refused with a sentence.
import { describe, expect, test } from "bun:test";
import { X509Certificate } from "node:crypto";
import { chmodSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { readCertificate } from "../../lib/transport/certificate.ts";
import { makeCertificate, makeCertificateApart } from "../../lib/transport/make-certificate.ts";
import { CertificateUnusable, givenCertificate, keepCertificate } from "../../lib/transport/own-certificate.ts";
import { pinOf, publicKeyIn } from "../../lib/transport/pin.ts";
import { testCertificate } from "../support/certificate.ts";
import { tempDir } from "../support/temp-dir.ts";

const KEY = "tls-key.pem";
const CERT = "tls-cert.pem";

/** An RSA key and a certificate for it, as another program makes them. */
function foreign(folder: string): { readonly keyFile: string; readonly certFile: string } {
  const [keyFile, certFile] = [join(folder, "rsa-key.pem"), join(folder, "rsa-cert.pem")];
  const made = Bun.spawnSync(
    [
      "openssl",
      "req",
      "-x509",
      "-newkey",
      "rsa:2048",
      "-nodes",
      "-subj",
      "/CN=x",
      "-keyout",
      keyFile,
      "-out",
      certFile,
    ],
    { stderr: "ignore" },
  );
  if (!made.success) throw new Error("openssl made nothing.");
  return { keyFile, certFile };
}

async function sentenceOf(unusable: Promise<unknown>): Promise<string> {
  const error = await unusable.catch((error: unknown) => error);
  expect(error).toBeInstanceOf(CertificateUnusable);
  return (error as Error).message;
}

test("is made here where no other process can make it", async () => {
  // The program that runs the tests knows no word for that.
  const { cert } = await makeCertificateApart(["ada-pc"]);
  expect(new X509Certificate(cert).subjectAltName).toContain("DNS:ada-pc");
});

test("is an EC key with a certificate of its own for this machine's names, and does not end", async () => {
  const { cert, key, pin } = await makeCertificate(["ada-pc", "ada-pc.local", "no name", "ünï", "under_score"]);
  const read = new X509Certificate(cert);
  expect(read.subjectAltName?.split(", ").toSorted()).toEqual(
    [
      "DNS:ada-pc",
      "DNS:ada-pc.local",
      "DNS:localhost",
      "IP Address:0:0:0:0:0:0:0:1",
      "IP Address:127.0.0.1",
    ].toSorted(),
  );
  expect(read.publicKey.asymmetricKeyDetails?.namedCurve).toBe("prime256v1");
  expect(new Date(read.validTo).getUTCFullYear()).toBe(9999);
  expect(read.verify(read.publicKey)).toBe(true);
  expect(key).toStartWith("-----BEGIN PRIVATE KEY-----");
  expect([pin, pin.length]).toEqual([pinOf(read), 43]);
});

describe("in a folder", () => {
  test("is made once, for its owner's eyes only, and kept", async () => {
    await using folder = await tempDir();
    const made = await keepCertificate(folder.path, []);
    expect(readdirSync(folder.path).toSorted()).toEqual([CERT, KEY]);
    for (const file of [CERT, KEY]) expect(statSync(join(folder.path, file)).mode & 0o777).toBe(0o600);
    expect(await keepCertificate(folder.path, ["other"])).toEqual(made);
  });

  test("is made anew for the same key where it is gone, and has the same pin", async () => {
    await using folder = await tempDir();
    const made = await keepCertificate(folder.path, []);
    rmSync(join(folder.path, CERT));
    const again = await keepCertificate(folder.path, ["other"]);
    expect([again.pin, again.key, again.cert === made.cert]).toEqual([made.pin, made.key, false]);
    expect(await keepCertificate(folder.path, [])).toEqual(again);
  });

  test("may be of another kind, if somebody has put it there", async () => {
    await using folder = await tempDir();
    const { keyFile, certFile } = foreign(folder.path);
    writeFileSync(join(folder.path, KEY), readFileSync(keyFile));
    writeFileSync(join(folder.path, CERT), readFileSync(certFile));
    expect((await keepCertificate(folder.path, [])).pin).toBe(pinOf(new X509Certificate(readFileSync(certFile))));
  });

  test("that cannot be used is never replaced by itself, and a sentence says what to do", async () => {
    await using folder = await tempDir();
    const { key, cert } = await testCertificate();
    const other = await makeCertificate([]);
    const [keyFile, certFile] = [join(folder.path, KEY), join(folder.path, CERT)];
    for (const [keyText, certText, why] of [
      ["", cert, `${keyFile} holds no key that can be used`],
      ["nonsense", cert, `${keyFile} holds no key that can be used`],
      [key.slice(0, 100), cert, `${keyFile} holds no key that can be used`],
      [key.replace(/A/, "B"), cert, `${keyFile} holds no key that can be used`],
      [key, "", `${certFile} holds no certificate that can be used`],
      [key, cert.slice(0, 200), `${certFile} holds no certificate that can be used`],
      [key, cert.replace("MII", "NII"), `${certFile} holds no certificate that can be used`],
      [cert, key, `${certFile} holds no certificate that can be used`],
      [key, other.cert, `The key in ${keyFile} is not that of the certificate in ${certFile}.`],
      [key, undefined, undefined],
      [undefined, cert, `${certFile} has no key beside it.`],
      ["nonsense", undefined, `${keyFile} holds no key that can be used`],
    ] as const) {
      for (const [file, text] of [
        [keyFile, keyText],
        [certFile, certText],
      ] as const) {
        rmSync(file, { force: true });
        if (text !== undefined) writeFileSync(file, text);
      }
      if (why === undefined) continue;
      const before = readdirSync(folder.path);
      const sentence = await sentenceOf(keepCertificate(folder.path, []));
      expect(sentence).toStartWith(why);
      expect(sentence).toContain(`remove ${keyFile} and ${certFile}`);
      expect(readdirSync(folder.path)).toEqual(before);
      if (keyText !== undefined) expect(readFileSync(keyFile, "utf8")).toBe(keyText);
    }
  });

  test("that is no file, or not to be read or written, is told so", async () => {
    await using folder = await tempDir();
    mkdirSync(join(folder.path, KEY));
    expect(await sentenceOf(keepCertificate(folder.path, []))).toBe(
      `${join(folder.path, KEY)} cannot be read (it is a folder, and a file is needed).`,
    );
    expect(await sentenceOf(keepCertificate(join(folder.path, "not", "there"), []))).toContain(
      "cannot be written (ENOENT)",
    );
  });

  test.skipIf(process.getuid?.() === 0)("that others own is told so", async () => {
    await using folder = await tempDir();
    await keepCertificate(folder.path, []);
    chmodSync(join(folder.path, KEY), 0);
    expect(await sentenceOf(keepCertificate(folder.path, []))).toContain("let the user who runs chatd read it");
  });
});

describe("of the host's own", () => {
  test("is taken whatever its kind, and what follows it too", async () => {
    await using folder = await tempDir();
    const { keyFile, certFile } = foreign(folder.path);
    const { cert: another } = await testCertificate();
    const cert = readFileSync(certFile, "utf8");
    writeFileSync(certFile, cert + another);
    expect(await givenCertificate(keyFile, certFile)).toEqual({
      key: readFileSync(keyFile, "utf8"),
      cert: cert + another,
      pin: pinOf(new X509Certificate(cert)),
    });
  });

  test("that is not there or no pair is refused with the flags that name it", async () => {
    await using folder = await tempDir();
    const { keyFile, certFile } = foreign(folder.path);
    const { key, cert } = await testCertificate();
    const [other, otherCert] = [join(folder.path, "k"), join(folder.path, "c")];
    writeFileSync(other, key);
    writeFileSync(otherCert, cert);
    const secret = join(folder.path, "secret.pem");
    Bun.spawnSync(["openssl", "pkey", "-in", keyFile, "-aes256", "-passout", "pass:word", "-out", secret]);
    for (const [key, cert, why] of [
      [join(folder.path, "none.pem"), certFile, `There is no ${join(folder.path, "none.pem")}.`],
      [keyFile, join(folder.path, "none.pem"), `There is no ${join(folder.path, "none.pem")}.`],
      [other, certFile, `The key in ${other} is not that of the certificate in ${certFile}.`],
      [keyFile, otherCert, `The key in ${keyFile} is not that of the certificate in ${otherCert}.`],
      [certFile, certFile, `${certFile} holds no key that can be used: a PEM file without a passphrase is needed.`],
      [secret, certFile, `${secret} holds no key that can be used: a PEM file without a passphrase is needed.`],
      [keyFile, keyFile, `${keyFile} holds no certificate that can be used: a PEM file is needed.`],
    ] as const) {
      const sentence = await sentenceOf(givenCertificate(key, cert));
      expect(sentence).toStartWith(why);
      expect(sentence).toContain("--tls-cert and --tls-key");
    }
  });
});

test("the quick way to the key in a certificate is the long way's, and ends at whatever is none", async () => {
  const { cert } = await testCertificate();
  const der = new X509Certificate(cert).raw;
  expect(publicKeyIn(der)).toEqual(new X509Certificate(cert).publicKey.export({ type: "spki", format: "der" }));
  // Cut, longer, and changed in each of the bytes that say how long something is.
  for (let at = 0; at < der.length; at++) expect(publicKeyIn(der.subarray(0, at))).toBeUndefined();
  expect(publicKeyIn(Buffer.concat([der, Uint8Array.of(0)]))).toBeUndefined();
  for (let at = 0; at < der.length; at++)
    for (const byte of [0, 0x7f, 0x80, 0x84, 0xff]) {
      const changed = Buffer.from(der);
      changed[at] = byte;
      publicKeyIn(changed);
    }
  for (const nothing of [[], [0x30], [0x30, 0x80, 0, 0], [0x30, 0x84, 0xff, 0xff, 0xff, 0xff], [0x30, 0]])
    expect(publicKeyIn(Uint8Array.from(nothing))).toBeUndefined();
});

test("a key whose halves do not belong together is no key", async () => {
  const { key, cert } = await testCertificate();
  const der = Buffer.from(key.replace(/-----[^-]+-----/g, ""), "base64");
  // In the middle of the secret half.
  der[40]! ^= 1;
  const changed = `-----BEGIN PRIVATE KEY-----\n${der.toString("base64")}\n-----END PRIVATE KEY-----\n`;
  expect(await readCertificate(changed, cert)).toBe("bad-key");
});
