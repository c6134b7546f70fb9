// Asks a person for what the command line did not say. Only for terminals: the prompts hang on a pipe.
import { cancel, intro, log, text } from "@clack/prompts";
import { type Address, readAddress } from "../protocol/address.ts";
import { cleanName } from "../protocol/name.ts";

/** The person does not want to go on. */
export class Cancelled extends Error {
  override readonly name = "Cancelled";
}

export function greet(): void {
  intro("chat: join a room");
}

export function complain(sentence: string): void {
  log.error(sentence);
}

interface Place {
  readonly hostname: string;
  readonly port: number;
}

/** Throws Cancelled. */
export async function askPlace(preset: Place): Promise<Address> {
  const hostname = await answer(
    text({ message: "Server", initialValue: preset.hostname, validate: (value = "") => problemOf(readAddress(value)) }),
  );
  const address = readAddress(hostname);
  if ("problem" in address) throw new Cancelled();
  // A port that was written with the server needs no question.
  if (/:\d+(\/|$)/.test(hostname) && address.hostname !== hostname.trim()) return address;
  const port = await answer(
    text({
      message: "Port",
      initialValue: String(preset.port),
      validate: (value = "") => problemOf(readAddress(`localhost:${value.trim()}`)),
    }),
  );
  return { ...address, port: Number(port) };
}

/** Throws Cancelled. */
export async function askName(preset: string): Promise<string> {
  return await answer(
    text({ message: "Username", initialValue: preset, validate: (value = "") => problemOf(cleanName(value)) }),
  );
}

async function answer(question: Promise<string | symbol>): Promise<string> {
  const value = await question;
  if (typeof value === "symbol") {
    cancel("Not joined.");
    throw new Cancelled();
  }
  return value.trim();
}

function problemOf(read: object): string | undefined {
  return "problem" in read ? String(read.problem) : undefined;
}
