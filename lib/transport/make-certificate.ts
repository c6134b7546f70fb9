// Makes a key and a certificate for a room that has none: here, or in a process of its own that takes away all it needed for that.
import { type Certificate, readCertificate } from "./certificate.ts";

/** Makes a certificate for `names` and this machine, of `key` or of a new one. */
export type MakeCertificate = (names: readonly string[], key?: string) => Promise<Certificate>;

/** The word that makes a program call `answerMaker`: none that a person would type. */
export const MAKER_COMMAND = "--internal-make-certificate";
/** It takes a tenth of a second. */
const MAKER_MS_MAX = 10_000;
/** RFC 5280 has this for "no well-defined expiration date": what vouches for the certificate is its pin, which does not age. */
const NEVER = new Date("9999-12-31T23:59:59Z");
/** The clocks of others may be slow. */
const LONG_AGO = new Date("2020-01-01T00:00:00Z");

interface Wish {
  readonly names: readonly string[];
  readonly key?: string | undefined;
}

/** In PEM. */
type Pair = Pick<Certificate, "key" | "cert">;

export const makeCertificate: MakeCertificate = async (names, key) => certificateOf(await makePair({ names, key }));

/**
 * The same in another process of this program, while this one goes on: what makes certificates would leave 20 MB behind in a
 * process that needs it once. Where that one does not do it, it is made here.
 */
export const makeCertificateApart: MakeCertificate = async (names, key) => {
  try {
    const program = Bun.isStandaloneExecutable ? [] : [Bun.main];
    const maker = Bun.spawn([process.execPath, ...program, MAKER_COMMAND], {
      // A key is not to be seen in a list of processes.
      stdin: Buffer.from(JSON.stringify({ names, key } satisfies Wish)),
      stdout: "pipe",
      stderr: "ignore",
      timeout: MAKER_MS_MAX,
      killSignal: "SIGKILL",
    });
    return await certificateOf((await new Response(maker.stdout).json()) as Pair);
  } catch {
    return await makeCertificate(names, key);
  }
};

/** What that other process does. */
export async function answerMaker(): Promise<void> {
  const wish = (await Bun.stdin.json()) as Wish;
  await Bun.write(Bun.stdout, JSON.stringify(await makePair(wish)));
}

async function makePair({ names, key }: Wish): Promise<Pair> {
  // They take longer to load than all the rest of a start.
  const [{ generate }, { createPublicKey }] = await Promise.all([import("selfsigned"), import("node:crypto")]);
  const pair = key !== undefined && {
    keyPair: { privateKey: key, publicKey: createPublicKey(key).export({ type: "spki", format: "pem" }) },
  };
  const domains = new Set(["localhost", ...names.filter((name) => /^[a-z0-9.-]+$/i.test(name))]);
  const made = await generate([{ name: "commonName", value: "chatd" }], {
    keyType: "ec",
    curve: "P-256",
    algorithm: "sha256",
    notBeforeDate: LONG_AGO,
    notAfterDate: NEVER,
    extensions: [
      { name: "basicConstraints", cA: false, critical: true },
      { name: "keyUsage", digitalSignature: true, critical: true },
      { name: "extKeyUsage", serverAuth: true },
      {
        name: "subjectAltName",
        altNames: [
          ...[...domains].map((value) => ({ type: 2 as const, value })),
          ...["127.0.0.1", "::1"].map((ip) => ({ type: 7 as const, ip })),
        ],
      },
    ],
    ...pair,
  });
  return { key: made.private, cert: made.cert };
}

async function certificateOf({ key, cert }: Pair): Promise<Certificate> {
  const certificate = await readCertificate(key, cert);
  if (typeof certificate === "object") return certificate;
  throw new Error(`The certificate that was made cannot be used: ${certificate}.`);
}
