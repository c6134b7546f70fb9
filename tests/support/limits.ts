// The limits that a made-up server tells in its welcome.
import type { Limits } from "../../lib/protocol/message.ts";

export const someLimits: Limits = {
  line_bytes: 1,
  text_bytes: 1,
  text_lines: 1,
  name_chars: 1,
  rate: null,
  history: 1,
  ping_ms: 1,
  gone_ms: 1,
};
