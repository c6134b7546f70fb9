// A certificate in PEM and its key: from when to when it holds, for which names, and who may read the key. Pure but for what OpenSSL works out.
import { createPrivateKey, X509Certificate } from "node:crypto";
import { lengthOf } from "./clock.ts";
import type { Finding, Part } from "./finding.ts";
import { joined } from "./finding.ts";
import { shellWord, visible } from "./visible.ts";

/** A file as it was found: its text, or the system's code of why it cannot be read. */
export type FileSeen =
  | { readonly path: string; readonly text: string; readonly mode: number | undefined }
  | { readonly path: string; readonly code: string };

export interface CertificateSeen {
  readonly certificate: FileSeen;
  readonly key: FileSeen;
  /** In milliseconds since 1970. */
  readonly now: number;
}

const DAY_MS = 86_400_000;
/** Those who renew by themselves do so a month ahead; who does not has two weeks to remember it. */
const SOON_MS = 14 * DAY_MS;
const NAME = "certificate";

/** `off`: the room is not to be encrypted. `none yet`: chatd makes one when it opens the room. */
export function judgeCertificate(seen: CertificateSeen | "off" | "none yet"): Finding {
  if (seen === "none yet")
    return {
      name: NAME,
      status: "ok",
      text: "None yet: chatd makes its own for the room.",
      measured: { found: false },
    };
  if (seen === "off")
    return {
      name: NAME,
      status: "warning",
      text: "--tls off: whoever is on the way between a guest and this machine can read along.",
      advice: "Leave it out, but on a network that you trust.",
      measured: { found: false },
    };
  const { certificate: file, key, now } = seen;
  if ("code" in file) return { name: NAME, measured: { found: false }, ...unreadable(file, "certificate") };
  let certificate: X509Certificate;
  try {
    certificate = new X509Certificate(file.text);
  } catch {
    return {
      name: NAME,
      measured: { found: true },
      status: "problem",
      text: `${visible(file.path)} holds no certificate in PEM (-----BEGIN CERTIFICATE-----).`,
      advice: "Give the file that does with --tls-cert.",
    };
  }
  return joined(NAME, [datesPart(certificate, file.path, now), ...keyParts(certificate, key)]);
}

function datesPart(certificate: X509Certificate, path: string, now: number): Part {
  const [from, to] = [Date.parse(certificate.validFrom), Date.parse(certificate.validTo)];
  const days = Math.floor((to - now) / DAY_MS);
  const measured = { found: true, valid_from: dayOf(from), valid_to: dayOf(to), days_left: days };
  const file = visible(path);
  const names = namesIn(certificate);
  const what = names === "" ? file : `${file}, for ${names},`;
  const advice = `Get a new one for the same names, put it in its place, and start chatd again.`;
  if (now > to)
    return { status: "problem", text: `${what} has not held since ${dayOf(to)}: clients refuse it.`, advice, measured };
  if (now < from)
    return {
      status: "problem",
      text: `${what} does not hold before ${dayOf(from)}: clients refuse it until then.`,
      advice: "If the clock of this machine is right, wait for that day or get another one.",
      measured,
    };
  const left = `holds until ${dayOf(to)}, ${lengthOf(to - now)} more`;
  if (to - now < SOON_MS) return { status: "warning", text: `${what} ${left}.`, advice, measured };
  return { status: "ok", text: `${what} ${left}.`, measured };
}

/** A few of the names that it is for. */
function namesIn({ subjectAltName, subject }: X509Certificate): string {
  const names = (subjectAltName ?? "").split(", ").flatMap((name) => /^(?:DNS|IP Address):(.+)$/.exec(name)?.[1] ?? []);
  const common = /^CN=(.+)$/m.exec(subject ?? "")?.[1];
  const all = names.length > 0 ? names : common === undefined ? [] : [common];
  return `${all.slice(0, 3).map(visible).join(", ")}${all.length > 3 ? ` and ${all.length - 3} more` : ""}`;
}

function keyParts(certificate: X509Certificate, key: FileSeen): readonly Part[] {
  if ("code" in key) return [unreadable(key, "key")];
  return [...matchParts(certificate, key), ...modeParts(key)];
}

function matchParts(
  certificate: X509Certificate,
  { path, text }: Extract<FileSeen, { text: string }>,
): readonly Part[] {
  try {
    if (certificate.checkPrivateKey(createPrivateKey(text))) return [];
    return [
      {
        status: "problem",
        text: `The key in ${visible(path)} is another certificate's.`,
        advice: "Give the one that belongs to it with --tls-key.",
      },
    ];
  } catch {
    return [
      {
        status: "problem",
        text: `${visible(path)} holds no key in PEM that can be read without a password.`,
        advice: "Give the file that does with --tls-key.",
      },
    ];
  }
}

function modeParts({ path, mode }: Extract<FileSeen, { text: string }>): readonly Part[] {
  if (mode === undefined || (mode & 0o077) === 0) return [];
  return [
    {
      status: "problem",
      text: `Other users of this machine can read the key in ${visible(path)}, and pass for this room with it.`,
      advice: "Make it yours alone.",
      commands: [`chmod 600 ${shellWord(path)}`],
    },
  ];
}

function unreadable({ path, code }: Extract<FileSeen, { code: string }>, what: string): Part {
  const why = code === "ENOENT" ? "is not there" : "cannot be read";
  return {
    status: "problem",
    text: `The ${what} ${visible(path)} ${why}.`,
    advice: `Check the path${code === "ENOENT" ? "" : " and its permissions"}.`,
  };
}

function dayOf(at: number): string {
  return Number.isNaN(at) ? "a day that nobody can read" : new Date(at).toISOString().slice(0, 10);
}
