// Asks a person for what the command line did not say. Only for terminals: the prompts hang on a pipe.
import { cancel, intro, text } from "@clack/prompts";
import { type Address, readAddress } from "../protocol/address.ts";
import { cleanName } from "../protocol/name.ts";
import { secretIn } from "../protocol/secret.ts";

/** The person does not want to go on. */
export class Cancelled extends Error {
  override readonly name = "Cancelled";
}

export function greet(): void {
  intro("chat: join a room");
}

/** A code as the server makes them. Hardly a name: none so long is made of these letters alone. */
const CODE = /^[\w-]{22}$/;
/** No name that anybody would choose. */
const PART_OF_CODE = /^(?=.*[a-z])(?=.*[A-Z])(?=.*\d)[\w-]{12,}$/;

interface Place {
  readonly hostname: string;
  readonly port: number;
}

/** Throws Cancelled. */
export async function askPlace(preset: Place): Promise<Address> {
  const hostname = await ask("Server", preset.hostname, (value) =>
    value === "" ? "Write a server, for instance 192.168.1.5." : problemOf(readAddress(value)),
  );
  const address = readAddress(hostname);
  if ("problem" in address) throw new Cancelled();
  // A port that was written with the server needs no question.
  if (/:\d+([/#]|$)/.test(hostname) && address.hostname !== hostname) return address;
  const port = await ask("Port", String(preset.port), (value) =>
    /^\d+$/.test(value) ? problemOf(readAddress(`localhost:${value}`)) : "A port is a number from 1 to 65535.",
  );
  return { ...address, port: Number(port) };
}

/** Throws Cancelled. */
export async function askName(preset: string): Promise<string> {
  return await ask("Username", preset, (value) => problemOf(cleanName(value)));
}

/** The secret of an invitation; nothing where there is none. Throws Cancelled. */
export async function askInvite(): Promise<string | undefined> {
  const pasted = await ask("Invitation (Enter alone: none)", "none", (value) =>
    secretIn(value, "invite") === "" ? "Paste the link that you were sent, or the part behind invite=." : undefined,
  );
  return pasted === "none" ? undefined : secretIn(pasted, "invite");
}

/** Another name, or a code that makes the last one this device's too. Throws Cancelled. */
export async function askNameOrCode(): Promise<{ readonly name?: string; readonly link?: string }> {
  const typed = await ask("Another username, or the code from /link on your other device", "", (value) => {
    if (CODE.test(value)) return undefined;
    // Everybody would see it, and it may still be good for something.
    if (PART_OF_CODE.test(value)) return "That looks like a part of a code. Paste all 22 characters of it.";
    return problemOf(cleanName(value));
  });
  return CODE.test(typed) ? { link: typed } : { name: typed };
}

/** Enter alone takes `preset`, where there is one; typing replaces it. */
async function ask(message: string, preset: string, problem: (value: string) => string | undefined): Promise<string> {
  const value = await text({
    message,
    ...(preset !== "" && { placeholder: preset, defaultValue: preset }),
    validate: (typed = "") => (typed === "" && preset !== "" ? undefined : problem(typed.trim())),
  });
  if (typeof value === "symbol") {
    cancel("Not joined.");
    throw new Cancelled();
  }
  return value.trim();
}

function problemOf(read: object): string | undefined {
  return "problem" in read ? String(read.problem) : undefined;
}
