// What the server of the page tells it, and where its WebSocket is.
import * as v from "valibot";
import { DEFAULT_PORT } from "../../protocol/limits.ts";
import type { Goal, Place } from "./memory.ts";

const Settings = v.object({
  /** Server and port are asked for: the page is that of `chat --gui`. */
  form: v.optional(v.boolean(), false),
  server: v.optional(v.string()),
  port: v.optional(v.number()),
  pin: v.optional(v.string()),
  name: v.optional(v.string()),
  /** What `chat --gui` was given to be let in by, and to make a name this machine's. */
  invite: v.optional(v.string()),
  link: v.optional(v.string()),
  /** Nothing is left to ask. */
  connect: v.optional(v.boolean(), false),
});
export type Settings = v.InferOutput<typeof Settings>;

/** The settings that stand in `text`; a page that nobody has filled in, or not well, is that of a room. */
export function readSettings(text: string): Settings {
  try {
    return v.parse(Settings, JSON.parse(text));
  } catch {
    return v.parse(Settings, {});
  }
}

/** What stands in the form at first. */
export function firstGoal({ form, server, port, pin, name }: Settings, last: Goal | undefined): Goal {
  if (!form) return { server: "", port: "", name: last?.name ?? "" };
  return {
    server: server ?? last?.server ?? "localhost",
    port: port === undefined ? (last?.port ?? String(DEFAULT_PORT)) : String(port),
    name: name ?? last?.name ?? "",
    pin,
  };
}

/** The WebSocket that leads from the page at `page` to the room at `place`. */
export function socketUrl(page: string, { server, port, pin }: Place): string {
  const url = new URL("./ws", page);
  url.protocol = url.protocol === "https:" ? "wss:" : "ws:";
  if (server !== "") url.search = new URLSearchParams({ server, port, ...(pin !== undefined && { pin }) }).toString();
  return url.href;
}
