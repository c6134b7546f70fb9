// Who is inside, as far as a client has heard: a fold of what it was told.
import type { ServerMessage } from "../protocol/message.ts";
import { shownName } from "./view.ts";

/** After a restart, members find back within this time; who comes later has come anew. */
const RETURN_MS = 60_000;

export class Roster {
  /** As they are shown: Tab puts them on the screen. */
  #names: string[] = [];
  /** Those of them who have proved a key. */
  #verified = new Set<string>();
  /** The welcome's list is as of here; events up to it are part of it. */
  #seq = 0;
  /** Who was inside when the connection broke … */
  #before = new Set<string>();
  /** … and when the room was reopened after that, in milliseconds since 1970: their coming back soon is no news. */
  #openedAt = 0;

  get names(): readonly string[] {
    return this.#names;
  }

  get verified(): ReadonlySet<string> {
    return this.#verified;
  }

  /** Takes in a message. Answers whether it is news to a person: not where somebody only came back after a restart. */
  heard(message: ServerMessage): boolean {
    switch (message.type) {
      case "welcome":
        this.#names = message.members.map(shownName);
        this.#verified = new Set(message.verified?.map(shownName));
        this.#seq = message.seq;
        return true;
      case "entered": {
        const soon = Date.parse(message.at) - this.#openedAt < RETURN_MS;
        const name = shownName(message.name);
        const expected = this.#before.delete(name) && soon;
        if (message.seq > this.#seq) {
          this.#names.push(name);
          if (message.verified) this.#verified.add(name);
        }
        return !expected;
      }
      case "exited": {
        const gone = shownName(message.name);
        this.#before.delete(gone);
        if (message.seq > this.#seq) {
          this.#names = this.#names.filter((name) => name !== gone);
          this.#verified.delete(gone);
        }
        return true;
      }
      case "renamed": {
        const [before, after] = [shownName(message.name), shownName(message.to)];
        if (message.seq > this.#seq) {
          this.#names = this.#names.map((name) => (name === before ? after : name));
          if (this.#verified.delete(before)) this.#verified.add(after);
        }
        return true;
      }
      case "opened":
        this.#openedAt = Date.parse(message.at);
        if (message.seq > this.#seq) {
          this.#names = [];
          this.#verified.clear();
        }
        return false;
      // It bears no sequence number: it may be older than what was told since.
      case "members":
      case "said":
      case "topic":
      case "moderated":
      case "challenge":
      case "bans":
      case "audit":
      case "invitation":
      case "invites":
      case "link":
      case "history":
      case "whisper":
      case "refused":
      case "bye":
      case "ping":
      case "pong":
        return true;
    }
  }

  /** The connection is gone: whoever is inside now may come back after a restart. */
  lost(): void {
    this.#before = new Set(this.#names);
  }
}
