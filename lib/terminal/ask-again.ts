// What a person is asked again when joining did not work, and what of the earlier answers holds.
import { log } from "@clack/prompts";
import type { Address } from "../protocol/address.ts";
import { askInvite, askName, askNameOrCode, askPlace } from "./ask.ts";
import type { Trouble } from "./trouble.ts";

export interface Answers {
  readonly place: Address;
  readonly name: string;
  /** Lets its bearer in. */
  readonly invite: string | undefined;
  /** A code that makes the name this device's, for one try. */
  readonly link: string | undefined;
}

export function complain(sentence: string): void {
  log.error(sentence);
}

/** `hasKey`: without one, a code would be of no use. Throws Cancelled. */
export async function askAgain(
  again: Exclude<Trouble["again"], "nothing">,
  { link: _used, ...answers }: Answers,
  hasKey: boolean,
): Promise<Answers> {
  const link = undefined;
  switch (again) {
    case "name":
      return { ...answers, link, name: await askName("") };
    case "owner":
      return { ...answers, link, ...(hasKey ? await askNameOrCode() : { name: await askName("") }) };
    case "invite":
      return { ...answers, link, invite: await askInvite() };
    case "place": {
      const place = await askPlace(answers.place);
      return { ...answers, link, place, invite: place.extras?.["invite"] };
    }
  }
}
