// What is said about the folder, its room and its file system.
import { describe, expect, test } from "bun:test";
import { type FolderSeen, judgeFolder, judgeSpace, lateFolder, sizeOf } from "../../lib/doctor/disk.ts";
import { judgeFileSystem } from "../../lib/doctor/file-system.ts";

describe("the folder", () => {
  const mine: FolderSeen = {
    directory: "/srv/chat",
    state: "there",
    ground: "/srv/chat",
    refused: undefined,
    owned: { uid: 1_000, mode: 0o700 },
    uid: 1_000,
    files: [{ name: "room.db", uid: 1_000, mode: 0o600, writable: true }],
  };
  const judge = (more: Partial<FolderSeen>) => judgeFolder({ ...mine, ...more });

  test("that is yours alone is fine", () => {
    expect(judge({})).toEqual({
      name: "folder",
      status: "ok",
      text: "/srv/chat can be written, by you alone.",
      measured: { directory: "/srv/chat", exists: true, writable: true },
    });
  });

  test("that is not there yet can be made, or not", () => {
    const missing = {
      directory: "/srv/chat/class",
      state: "missing",
      ground: "/srv",
      owned: undefined,
      files: [],
    } as const;
    expect(judge(missing)).toMatchObject({
      status: "ok",
      text: "/srv/chat/class is not there yet; chatd makes it in /srv, for you alone.",
      measured: { exists: false },
    });
    expect(judge({ ...missing, refused: "EACCES" })).toMatchObject({
      status: "problem",
      text: "/srv/chat/class is not there, and cannot be made in /srv.",
      commands: ["ls -ld /srv"],
      measured: { writable: false },
    });
  });

  test.each<[string, Partial<FolderSeen>, string]>([
    ["is a file", { state: "no folder", refused: "ENOTDIR" }, "/srv/chat is a file."],
    ["may not be looked at", { state: "out of reach", refused: "EACCES" }, "/srv/chat is out of reach"],
    ["may not be written", { refused: "EACCES" }, "/srv/chat cannot be written."],
    ["cannot be written whatever its permissions say", { refused: "EPERM" }, "/srv/chat cannot be written."],
    ["is on a disk for reading only", { refused: "EROFS" }, "mounted for reading only"],
  ])("that %s is a problem", (_, more, text) => {
    expect(judge(more)).toMatchObject({ status: "problem", text: expect.stringContaining(text) as unknown });
    expect(judge(more).advice).toContain("--data");
  });

  test("on a disk that is full is not to blame", () => {
    expect(judge({ refused: "ENOSPC" }).status).toBe("ok");
    expect(judge({ refused: "EDQUOT" }).status).toBe("ok");
  });

  test.each<[string, number, string, string]>([
    ["looked into", 0o755, "warning", "Other users of this machine can look into /srv/chat."],
    ["looked into by a group", 0o750, "warning", "Other users of this machine can look into /srv/chat."],
    ["written by anybody", 0o777, "problem", "Other users of this machine can write in /srv/chat."],
    ["written by a group", 0o770, "problem", "Other users of this machine can write in /srv/chat."],
    ["added to by anybody", 0o1777, "warning", "Other users of this machine can write in /srv/chat."],
  ])("that can be %s (%o) is a %s", (_, mode, status, text) => {
    expect(judge({ owned: { uid: 1_000, mode } })).toMatchObject({
      status,
      text,
      commands: ["chmod 700 /srv/chat"],
    });
  });

  test("whose files others can read is a problem, named once for each kind of file", () => {
    const open = ["room-0000000000000001.log", "room.db", "access.db"].map((name) => ({
      name,
      uid: 1_000,
      mode: 0o644,
      writable: true,
    }));
    expect(judge({ files: [...mine.files, ...open] })).toMatchObject({
      status: "problem",
      text: expect.stringContaining("can read room-0000000000000001.log and more in /srv/chat:") as unknown,
      commands: ["chmod 600 /srv/chat/room* /srv/chat/access*"],
    });
  });

  test("whose files are another user's is a problem where they cannot be written, else a warning", () => {
    const root = { name: "room.db", uid: 0, mode: 0o600, writable: false };
    expect(judge({ files: [root] })).toMatchObject({
      status: "problem",
      text: expect.stringContaining("room.db in /srv/chat belongs to another user") as unknown,
      commands: ['sudo chown -R "$(id -u)" /srv/chat'],
    });
    expect(judge({ uid: 0 })).toMatchObject({
      status: "warning",
      text: expect.stringContaining("/srv/chat belongs to user 1000, and you are user 0") as unknown,
    });
  });

  test("may be called anything", () => {
    const directory = "/srv/a\x1b[2J b";
    const said = JSON.stringify(judge({ directory, ground: directory, owned: { uid: 1_000, mode: 0o755 } }));
    expect(said).toContain("can look into /srv/a\\\\x1b[2J b.");
    expect(said).toContain("chmod 700 $'/srv/a\\\\x1b[2J b'");
    expect(lateFolder(directory)).toMatchObject({
      status: "problem",
      text: expect.stringContaining("\\x1b") as unknown,
    });
  });
});

describe("the room on the disk", () => {
  const judge = (bytes: number | undefined, files?: number, refused?: string) => judgeSpace({ bytes, files, refused });

  test.each([
    [82_500_000_000, "ok", "82.5 GB free, room for about 340,000,000 messages of 100 characters."],
    [104_857_600, "ok", "104 MB free, room for about 440,000 messages of 100 characters."],
    [104_857_599, "warning", "When it is full, what is said is refused."],
    [8_388_608, "warning", "8.4 MB free, room for about 35,000 messages"],
    [8_388_607, "problem", "8.4 MB free, room for about 35,000 messages"],
    [0, "problem", "0 bytes free, room for about 0 messages"],
  ])("%p bytes: %s", (bytes, status, text) => {
    expect(judge(bytes)).toMatchObject({ name: "space", status, text: expect.stringContaining(text) as unknown });
    expect(judge(bytes).measured).toMatchObject({ free_bytes: bytes, bytes_per_message: 237 });
    if (status !== "ok") expect(judge(bytes).advice).toContain("--data");
  });

  test("is none where the disk refuses a small file, or takes no more files", () => {
    expect(judge(1e9, undefined, "EDQUOT")).toMatchObject({
      status: "problem",
      text: expect.stringContaining("nothing more") as unknown,
    });
    expect(judge(1e9, undefined, "ENOSPC").status).toBe("problem");
    expect(judge(1e9, 3)).toMatchObject({
      status: "problem",
      text: expect.stringContaining("no more files") as unknown,
    });
    expect(judge(1e9, 1_000).status).toBe("ok");
    // That is for the folder to say.
    expect(judge(1e9, undefined, "EACCES").status).toBe("ok");
    expect(judge(undefined)).toMatchObject({ status: "ok", measured: { free_bytes: null } });
  });

  test.each([
    [0, "0 bytes"],
    [999, "999 bytes"],
    [1_000, "1 kB"],
    [540_000, "540 kB"],
    [8_388_608, "8.4 MB"],
    [1.25e15, "1250 TB"],
  ])("%p is %s", (bytes, size) => {
    expect(sizeOf(bytes)).toBe(size);
  });
});

describe("the file system", () => {
  test.each([
    [0xef53, "ok", "ext4"],
    [0x58465342, "ok", "xfs"],
    [0x6969, "warning", "NFS: a disk of another machine"],
    [0xff534d42, "warning", "SMB"],
    // The same, as it may come.
    [0xff534d42 | 0, "warning", "SMB"],
    [0x65735546, "warning", "FUSE"],
    [0x01021994, "warning", "tmpfs: it is in memory"],
    [0x794c7630, "warning", "overlay"],
    [0x4d44, "warning", "FAT"],
    [0x12345, "ok", "Of no kind that is known for trouble."],
    [undefined, "ok", "Of no kind that is known for trouble."],
  ])("%p is %s: %s", (type, status, text) => {
    const finding = judgeFileSystem(type, "/srv/chat");
    expect(finding).toMatchObject({ status, text: expect.stringContaining(text) as unknown });
    if (status === "warning") expect(finding.advice).toContain("--data");
  });

  test("a folder of another machine is known by its path on Windows", () => {
    expect(judgeFileSystem(undefined, "\\\\server\\share", "win32").status).toBe("warning");
    expect(judgeFileSystem(undefined, "C:\\chat", "win32").status).toBe("ok");
    expect(judgeFileSystem(undefined, "\\\\?\\C:\\chat", "win32").status).toBe("ok");
    expect(judgeFileSystem(undefined, "//srv/chat", "linux").status).toBe("ok");
  });
});
