// What happened in the room, as the operator reads it. What was said is nobody's business but the room's.
import type { RoomEvent } from "../protocol/message.ts";

export function happening(event: RoomEvent): string {
  switch (event.type) {
    case "said":
      return `${event.from} said something`;
    case "entered":
      return `${event.name} entered`;
    case "exited":
      return `${event.name} exited: ${event.why}${event.by === undefined ? "" : ` by ${event.by}`}`;
    case "renamed":
      return `${event.name} is now ${event.to}`;
    case "topic":
      return `${event.by} set the topic`;
    case "moderated":
      return `${event.by} ${event.act}${event.name === undefined ? "" : ` ${event.name}`}`;
    case "opened":
      return "the room is open";
  }
}
