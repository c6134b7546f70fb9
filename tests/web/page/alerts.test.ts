// How the page calls a reader who looks elsewhere, as far as it needs no browser.
import { afterEach, beforeEach, describe, expect, jest, test } from "bun:test";
import { notice, seen, seenAlone, type Sight } from "../../../lib/client/view.ts";
import {
  chime,
  mayNotify,
  notify,
  openAnnouncer,
  showUnread,
  whyNoNotifications,
} from "../../../lib/web/page/alerts.ts";

const at = "2026-11-22T12:00:00.000Z";

function said(from: string, text: string): Sight {
  return seen({ type: "said", from, text, seq: 1, at }, "Me")!;
}

function whisper(from: string, to: string): Sight {
  return seenAlone({ type: "whisper", from, to, text: "psst", at }, "Me")!;
}

describe("for those who do not see it", () => {
  beforeEach(() => void jest.useFakeTimers());
  afterEach(() => void jest.useRealTimers());

  function announcer() {
    const region = { textContent: "" };
    let there = true;
    const announce = openAnnouncer(() => (there ? (region as Element) : null));
    return {
      announce,
      /** What is told after a while. */
      told: () => {
        jest.advanceTimersByTime(1_000);
        return region.textContent;
      },
      remove: () => void (there = false),
    };
  }

  test("each of a few lines is told, with its author", () => {
    const { announce, told } = announcer();
    announce([said("Ada", "hello")]);
    announce([notice("Hm."), whisper("Ada", "Me")]);
    expect(told()).toBe("Ada: hello\nHm.\nAda, whispering: psst");
    announce([said("Bob", "hi")]);
    expect(told()).toBe("Bob: hi");
  });

  test("of a burst, how many there were", () => {
    const { announce, told } = announcer();
    for (let line = 0; line < 500; line++) announce([said("Ada", "hello")]);
    expect(told()).toBe("500 new lines.");
  });

  test("my own words are not told", () => {
    const { announce, told } = announcer();
    announce([said("Me", "hello"), whisper("Me", "Ada")]);
    announce([]);
    expect(told()).toBe("");
    announce([said("Ada", "hello")]);
    expect(told()).toBe("Ada: hello");
  });

  test("what comes while there is no place for it is not told later", () => {
    const { announce, told, remove } = announcer();
    remove();
    announce([said("Ada", "hello")]);
    expect(told()).toBe("");
  });
});

describe("the tab", () => {
  function page(withIcon = true) {
    const attributes = new Map([["href", "./icon.svg"]]);
    let writes = 0;
    const icon = {
      getAttribute: (name: string) => attributes.get(name),
      setAttribute: (name: string, value: string) => {
        writes++;
        attributes.set(name, value);
      },
    };
    let title = "chat";
    const document = {
      get title() {
        return title;
      },
      set title(text: string) {
        writes++;
        title = text;
      },
      querySelector: () => (withIcon ? icon : null),
    };
    return {
      document: document as unknown as Document,
      now: () => [title, attributes.get("href")],
      writes: () => writes,
    };
  }

  test("says how much is unread, and its icon whether somebody calls", () => {
    const { document, now } = page();
    showUnread(document, "lobby", 0, false);
    expect(now()).toEqual(["lobby · chat", "./icon.svg"]);
    showUnread(document, "lobby", 3, false);
    expect(now()).toEqual(["(3) lobby · chat", "./icon.svg"]);
    showUnread(document, "lobby", 4, true);
    expect(now()).toEqual(["(4) lobby · chat", "./icon-mention.svg"]);
    showUnread(document, "lobby", 0, false);
    expect(now()).toEqual(["lobby · chat", "./icon.svg"]);
  });

  test("is left alone where nothing is different, and where it has no icon", () => {
    const { document, writes } = page();
    for (let time = 0; time < 3; time++) showUnread(document, "lobby", 0, false);
    expect(writes()).toBe(1);
    const bare = page(false);
    showUnread(bare.document, "lobby", 1, true);
    expect(bare.now()[0]).toBe("(1) lobby · chat");
  });
});

describe("a notification", () => {
  const browser = globalThis as Record<string, unknown>;
  const before = { isSecureContext: browser["isSecureContext"], Notification: browser["Notification"] };
  afterEach(() => {
    for (const [name, value] of Object.entries(before)) {
      if (value === undefined) delete browser[name];
      else browser[name] = value;
    }
  });

  /** A browser in which the reader's answer is this. */
  function browsing(permission: NotificationPermission, { secure = true, throws = false } = {}) {
    const shown: string[] = [];
    browser["isSecureContext"] = secure;
    browser["Notification"] = class {
      static readonly permission = permission;
      static readonly requestPermission = async () => (permission === "default" ? "granted" : permission);
      constructor(title: string, { body }: { body: string }) {
        if (throws) throw new TypeError("Illegal constructor.");
        shown.push(`${title}: ${body}`);
      }
      addEventListener(): void {}
    };
    return shown;
  }

  test("is shown where the reader allowed it, and nowhere else", async () => {
    for (const [permission, expected, may] of [
      ["granted", ["Ada: hello"], true],
      ["default", [], true],
      ["denied", [], false],
    ] as const) {
      const shown = browsing(permission);
      notify("Ada", "hello");
      expect(shown).toEqual([...expected]);
      expect(await mayNotify()).toBe(may);
    }
  });

  test("that cannot be is explained in a sentence", async () => {
    browsing("granted", { secure: false });
    expect(whyNoNotifications()).toMatch(/plain http\.$/);
    expect(await mayNotify()).toBeFalse();
    browsing("denied");
    expect(whyNoNotifications()).toMatch(/settings can change that\.$/);
    browsing("granted");
    expect(whyNoNotifications()).toBeUndefined();
    delete browser["Notification"];
    expect(whyNoNotifications()).toMatch(/no notifications/);
    notify("Ada", "hello");
  });

  test("that a phone refuses costs nothing", () => {
    browsing("granted", { throws: true });
    expect(() => notify("Ada", "hello")).not.toThrow();
  });

  test("has no sound where the browser has none, or before the reader has touched the page", () => {
    expect(() => chime()).not.toThrow();
    const { navigator } = globalThis;
    const opened = jest.fn();
    browser["AudioContext"] = opened;
    try {
      Object.defineProperty(navigator, "userActivation", { value: { hasBeenActive: false }, configurable: true });
      chime();
      expect(opened).not.toHaveBeenCalled();
    } finally {
      delete browser["AudioContext"];
      delete (navigator as { userActivation?: unknown }).userActivation;
    }
  });
});
