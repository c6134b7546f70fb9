// The log of a room that keeps nothing, held to what every log promises.
import { MemoryLog } from "../../lib/log/memory.ts";
import { logSuite } from "./log.suite.ts";

logSuite("memory", async (now) => new MemoryLog(now));
