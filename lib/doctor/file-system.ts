// What kind of file system the history is on, by the numbers that Linux gives them (statfs(2)). Pure.
import type { Finding } from "./finding.ts";

interface Kind {
  readonly name: string;
  readonly is: "local" | "network" | "memory" | "layers" | "foreign" | "fuse";
}

const KINDS: ReadonlyMap<number, Kind> = new Map([
  [0xef53, { name: "ext4", is: "local" }],
  [0x58465342, { name: "xfs", is: "local" }],
  [0x9123683e, { name: "btrfs", is: "local" }],
  [0x2fc12fc1, { name: "zfs", is: "local" }],
  [0xf2f52010, { name: "f2fs", is: "local" }],
  [0xca451a4e, { name: "bcachefs", is: "local" }],
  [0x6969, { name: "NFS", is: "network" }],
  [0x517b, { name: "SMB", is: "network" }],
  [0xfe534d42, { name: "SMB", is: "network" }],
  [0xff534d42, { name: "SMB", is: "network" }],
  [0x01021997, { name: "9p", is: "network" }],
  [0x5346414f, { name: "AFS", is: "network" }],
  [0x6b414653, { name: "AFS", is: "network" }],
  [0x73757245, { name: "Coda", is: "network" }],
  [0x00c36400, { name: "Ceph", is: "network" }],
  [0x0bd00bd0, { name: "Lustre", is: "network" }],
  [0x786f4256, { name: "vboxsf", is: "network" }],
  [0x65735546, { name: "FUSE", is: "fuse" }],
  [0x01021994, { name: "tmpfs", is: "memory" }],
  [0x858458f6, { name: "ramfs", is: "memory" }],
  [0x794c7630, { name: "overlay", is: "layers" }],
  [0x4d44, { name: "FAT", is: "foreign" }],
  [0x2011bab0, { name: "exFAT", is: "foreign" }],
  [0x7366746e, { name: "NTFS", is: "foreign" }],
]);

/** `type` as statfs tells it; nothing where the system tells none. */
export function judgeFileSystem(type: number | undefined, path: string, platform: string = process.platform): Finding {
  const name = "file system";
  // Bun may tell those with the highest bit as negative.
  const kind = type === undefined ? undefined : KINDS.get(type >>> 0);
  const measured = { kind: kind?.name ?? null };
  // As Windows writes a folder of another machine.
  if (/^(\\\\|\/\/)[^.?\\/]/.test(path) && platform === "win32") return { name, measured, ...NETWORK };
  switch (kind?.is) {
    case undefined:
      return { name, measured, status: "ok", text: "Of no kind that is known for trouble." };
    case "local":
      return {
        name,
        measured,
        status: "ok",
        text: `${kind.name}, on this machine: it keeps what it says it has kept.`,
      };
    case "network":
      return { name, measured, ...NETWORK, text: `${kind.name}: ${NETWORK.text}` };
    case "fuse":
      return {
        name,
        measured,
        status: "warning",
        text: "FUSE: a program stands between chatd and the disk (sshfs, a cloud folder, NTFS), and it decides what a sync is worth.",
        advice: "Choose a folder on a disk of this machine with --data.",
      };
    case "memory":
      return {
        name,
        measured,
        status: "warning",
        text: `${kind.name}: it is in memory, so the history ends with the next restart of this machine.`,
        advice: "Choose a folder on a disk with --data.",
      };
    case "layers":
      return {
        name,
        measured,
        status: "warning",
        text: "overlay: the history is a part of a container or of a live system, and ends with it.",
        advice: "Put the folder on a volume, for instance with docker run -v chatd:/data … --data /data.",
      };
    case "foreign":
      return {
        name,
        measured,
        status: "warning",
        text: `${kind.name}: it knows no owners, so on a shared machine others may read what was said.`,
        advice: "Choose a folder on a disk of this machine's own kind with --data.",
      };
  }
}

const NETWORK = {
  status: "warning",
  text: "a disk of another machine. Locks and syncs there may promise more than they keep: two chatds could write one history, and what was said may be lost with the power.",
  advice: "Choose a folder on a disk of this machine with --data.",
} as const;
