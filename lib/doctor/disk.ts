// The folder for the history: whose it is, what lies under it, and how much room there is. Pure.
import { dirname } from "node:path";
import type { Finding, Part } from "./finding.ts";
import { joined } from "./finding.ts";
import { shellWord, visible } from "./visible.ts";

/** What a message of 100 characters takes, said alone: its line and the record around it (docs/scale.md). */
export const MESSAGE_BYTES = 237;
/** Two segments of the log: with less, chatd makes no next one beforehand, and soon has to refuse what is said. */
export const SPACE_NEEDED_BYTES = 8_388_608;
/** Half a million messages: nobody is surprised by the end of that within a day. */
export const SPACE_AMPLE_BYTES = 104_857_600;

export interface Owned {
  readonly uid: number;
  /** Its permissions. */
  readonly mode: number;
}

export interface FolderSeen {
  readonly directory: string;
  /** What is there, of it or of the nearest folder above it. */
  readonly state: "there" | "missing" | "no folder" | "out of reach";
  /** The folder that is there: itself, or the one in which it would be made. */
  readonly ground: string;
  /** The system's code of why nothing can be written there. */
  readonly refused: string | undefined;
  readonly owned: Owned | undefined;
  /** Who this process is; nothing where the system has no such numbers. */
  readonly uid: number | undefined;
  readonly files: readonly (Owned & { readonly name: string; readonly writable: boolean })[];
}

/** Codes of a disk that is full: the folder is not to blame. */
const FULL = new Set(["ENOSPC", "EDQUOT"]);
const WAY_OUT = "or choose another folder with --data.";

export function judgeFolder(seen: FolderSeen): Finding {
  const { directory, state, ground, refused } = seen;
  const measured = { directory: visible(directory), exists: state === "there", writable: refused === undefined };
  const name = "folder";
  const path = visible(directory);
  if (state === "no folder")
    return { name, measured, status: "problem", text: `${path} is a file.`, advice: `Move it away, ${WAY_OUT}` };
  if (state === "out of reach" || (refused !== undefined && !FULL.has(refused)))
    return { name, measured, status: "problem", ...refusedPart(seen) };
  if (state === "missing")
    return {
      name,
      measured,
      status: "ok",
      text: `${path} is not there yet; chatd makes it in ${visible(ground)}, for you alone.`,
    };
  const parts = [...ownerParts(seen), ...modeParts(seen)];
  if (parts.length === 0) return { name, measured, status: "ok", text: `${path} can be written, by you alone.` };
  return { ...joined(name, parts), measured };
}

/** The system has said nothing about it for too long. */
export function lateFolder(directory: string): Finding {
  return {
    name: "folder",
    status: "problem",
    text: `${visible(directory)} does not answer: its disk is perhaps another machine's, and out of reach.`,
    advice: `Bring that disk back, ${WAY_OUT}`,
    measured: { directory: visible(directory) },
  };
}

function refusedPart({ directory, state, ground, refused }: FolderSeen): Pick<Finding, "text" | "advice" | "commands"> {
  const path = visible(directory);
  if (state === "out of reach")
    return {
      text: `${path} is out of reach: a folder above it is closed to you.`,
      advice: `Check the permissions, ${WAY_OUT}`,
      commands: [`ls -ld ${shellWord(dirname(ground))}`],
    };
  if (refused === "EROFS")
    return {
      text: `${path} cannot be written: the disk that it is on is mounted for reading only.`,
      advice: `See why (a disk that has failed is often mounted so), ${WAY_OUT}`,
      commands: [`findmnt -T ${shellWord(ground)}`],
    };
  return {
    text:
      ground === directory
        ? `${path} cannot be written.`
        : `${path} is not there, and cannot be made in ${visible(ground)}.`,
    advice: `Check the permissions, ${WAY_OUT}`,
    commands: [`ls -ld ${shellWord(ground)}`],
  };
}

function ownerParts({ directory, owned, uid, files }: FolderSeen): readonly Part[] {
  if (!owned || uid === undefined) return [];
  const shut = files.filter(({ writable }) => !writable);
  if (shut.length > 0)
    return [
      {
        status: "problem",
        text: `${visible(shut[0]!.name)} in ${visible(directory)} belongs to another user, and you cannot write it: perhaps chatd was once run by the administrator.`,
        advice: "Make what is there yours.",
        commands: [`sudo chown -R "$(id -u)" ${shellWord(directory)}`],
      },
    ];
  const others = [owned, ...files].filter((each) => each.uid !== uid);
  if (others.length === 0) return [];
  return [
    {
      status: "warning",
      text: `${visible(directory)} belongs to user ${others[0]!.uid}, and you are user ${uid}: what chatd writes as you, that user may not be able to write later.`,
      advice: "Run chatd, and its doctor, as the user whose history it is.",
    },
  ];
}

function modeParts({ directory, owned, files }: FolderSeen): readonly Part[] {
  if (!owned) return [];
  const [path, word] = [visible(directory), shellWord(directory)];
  const open = files.filter(({ mode }) => (mode & 0o077) !== 0);
  const parts: Part[] = [];
  if ((owned.mode & 0o022) !== 0)
    parts.push({
      // Where the sticky bit is set, as on /tmp, others can add to it and not take away.
      status: (owned.mode & 0o1000) === 0 ? "problem" : "warning",
      text: `Other users of this machine can write in ${path}.`,
      advice: "Make it yours alone.",
      commands: [`chmod 700 ${word}`],
    });
  else if ((owned.mode & 0o055) !== 0)
    parts.push({
      status: "warning",
      text: `Other users of this machine can look into ${path}.`,
      advice: "Make it yours alone.",
      commands: [`chmod 700 ${word}`],
    });
  if (open.length > 0)
    parts.push({
      status: "problem",
      text: `Other users of this machine can read ${visible(open[0]!.name)}${open.length > 1 ? " and more" : ""} in ${path}: what was said, or who may come in, is no secret to them.`,
      advice: "Make it yours alone.",
      commands: [
        `chmod 600 ${kindsOf(open)
          .map((kind) => `${word}/${kind}*`)
          .join(" ")}`,
      ],
    });
  return parts;
}

/** How the names of some files begin: there may be thousands of segments. */
function kindsOf(files: FolderSeen["files"]): readonly string[] {
  return [...new Set(files.map(({ name }) => /^[a-z]+/.exec(name)?.[0] ?? name))];
}

export interface SpaceSeen {
  /** Free ones. Nothing where the system does not tell. */
  readonly bytes: number | undefined;
  /** Files that can still be made; nothing where that has no end. */
  readonly files: number | undefined;
  /** The system's code of why a small file could not be written. */
  readonly refused: string | undefined;
}

export function judgeSpace({ bytes, files, refused }: SpaceSeen): Finding {
  const name = "space";
  if (bytes === undefined)
    return { name, measured: { free_bytes: null }, status: "ok", text: "Not known: this system does not tell." };
  const messages = Math.floor(bytes / MESSAGE_BYTES);
  const measured = { free_bytes: bytes, bytes_per_message: MESSAGE_BYTES, messages };
  const room = `${sizeOf(bytes)} free, room for about ${roughly(messages)} messages of 100 characters`;
  const advice = "Make room on that disk, or choose a folder on another one with --data.";
  if (refused !== undefined && FULL.has(refused))
    return {
      name,
      measured,
      status: "problem",
      text: `The disk takes nothing more (${sizeOf(bytes)} free): what is said would be refused.`,
      advice,
    };
  if (files !== undefined && files < 16)
    return {
      name,
      measured,
      status: "problem",
      text: "The disk takes no more files, however much room it has.",
      advice,
    };
  if (bytes < SPACE_NEEDED_BYTES)
    return { name, measured, status: "problem", text: `${room}: when it is full, what is said is refused.`, advice };
  if (bytes < SPACE_AMPLE_BYTES)
    return { name, measured, status: "warning", text: `${room}. When it is full, what is said is refused.`, advice };
  return { name, measured, status: "ok", text: `${room}.` };
}

export function sizeOf(bytes: number): string {
  const units = ["bytes", "kB", "MB", "GB", "TB"];
  let value = bytes;
  let unit = 0;
  for (; value >= 1_000 && unit < units.length - 1; unit++) value /= 1_000;
  return `${unit === 0 || value >= 100 ? Math.floor(value) : Number(value.toFixed(1))} ${units[unit]}`;
}

/** A count with two digits that mean something. */
function roughly(count: number): string {
  if (count < 100) return String(count);
  const step = 10 ** (Math.floor(Math.log10(count)) - 1);
  return (Math.floor(count / step) * step).toLocaleString("en-US");
}
