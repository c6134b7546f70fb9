// What the first line of a server that is no chatd says about it.
import { expect, test } from "bun:test";
import { strangerSentence } from "../../lib/client/stranger.ts";

test.each([
  ["SSH-2.0-OpenSSH_9.2p1", "SSH server"],
  ["HTTP/1.1 400 Bad Request", "web server"],
  ["<!DOCTYPE html>", "web server"],
  ["<html>", "web server"],
  ["220 mail.example.org ESMTP", "mail or FTP server"],
  ["220-Welcome", "mail or FTP server"],
  ["* OK IMAP4rev1 ready", "not a chatd"],
  ["", "not a chatd"],
  ['{"jsonrpc":"2.0"}', "not a chatd"],
])("%j", (line, what) => {
  expect(strangerSentence(line)).toContain(what);
  expect(strangerSentence(line)).toContain("Is the port right?");
});

test("what looks like a message of a newer chatd is none of theirs", () => {
  expect(strangerSentence('{"type":"weather"}')).toBeUndefined();
});

test("a welcome that could not be read is that of a newer room", () => {
  expect(strangerSentence('{"type":"welcome","room":"lobby","protocol":2}')).toContain("may be newer");
});
