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
      return `${deed(event)}${event.undo ? " (taking back what was done)" : ""}${event.text ? `: ${event.text}` : ""}`;
    case "opened":
      return "the room is open";
  }
}

function deed({ act, by, name = "somebody", seconds }: Extract<RoomEvent, { type: "moderated" }>): string {
  const lasting = seconds === undefined ? "" : ` for ${seconds} s`;
  switch (act) {
    case "banned":
    case "muted":
      return `${by} ${act} ${name}${lasting}`;
    case "kicked":
    case "unbanned":
    case "unmuted":
      return `${by} ${act} ${name}`;
    case "opped":
      return `${by} made ${name} an operator`;
    case "deopped":
      return `${by} made ${name} a member again`;
    case "slowed":
      return seconds ? `${by} set slow mode, a message every ${seconds} s` : `${by} ended slow mode`;
    case "locked":
    case "unlocked":
      return `${by} ${act} the room`;
    case "purged":
      return `${by} withdrew what ${name} said in the last ${seconds} s`;
    case "restored":
      return `${by} brought back what ${name} said`;
    case "invited":
    case "uninvited":
    case "other":
      return `${by} did something to keep order`;
  }
}
