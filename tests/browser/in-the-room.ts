// What people do on the page and what they see there, in the words of tests. Finds things as people do: by what they are called.
import { expect } from "bun:test";
import type { Locator } from "playwright-core";
import type { Visitor } from "../support/visitor.ts";

/** The form's field for the name. */
export function nameField({ page }: Visitor): Locator {
  return page.getByRole("textbox", { name: /name/i });
}

/** The field in which a message is written. */
export function field({ page }: Visitor): Locator {
  return page.getByRole("textbox", { name: /^Message/ });
}

export function button({ page }: Visitor, name: string | RegExp): Locator {
  return page.getByRole("button", { name });
}

/** Types a name into the form and is in the room. */
export async function enter(visitor: Visitor, name: string): Promise<void> {
  await nameField(visitor).fill(name);
  await nameField(visitor).press("Enter");
  await visitor.sees(`You are in lobby as ${name}.`);
}

/** Says `text`, or does what a command wants. */
export async function say(visitor: Visitor, ...texts: readonly string[]): Promise<void> {
  for (const text of texts) {
    await field(visitor).fill(text);
    await field(visitor).press("Enter");
  }
}

/** Presses Disconnect, which is among the settings. */
export async function disconnect(visitor: Visitor): Promise<void> {
  await button(visitor, "Settings").click();
  await button(visitor, "Disconnect").click();
  await visitor.sees(nameField(visitor));
}

/** Does not wait for the next try; the page may be quicker. */
export async function tryNow(visitor: Visitor): Promise<void> {
  await button(visitor, "Try now").evaluateAll((buttons) =>
    (buttons as HTMLElement[]).forEach((button) => button.click()),
  );
}

/** Waits until these are the members, in this order. */
export function seesMembers(visitor: Visitor, ...names: readonly string[]): Promise<void> {
  const isSo = (names: readonly string[]) => {
    const shown = Array.from(document.querySelectorAll(".members li bdi"), (name) => name.textContent);
    return shown.join() === names.join();
  };
  return visitor.until(isSo, names, `The members are not ${names.join(", ")}`);
}

/** Waits until this was said, from the top, as far as it is on the page; what is pending ends with an ellipsis. */
export async function seesTalk(visitor: Visitor, ...expected: readonly string[]): Promise<void> {
  const isSo = (expected: readonly string[]) => {
    const words = Array.from(document.querySelectorAll<HTMLElement>(".talk .words"), (words) => words.innerText);
    return JSON.stringify(words) === JSON.stringify(expected);
  };
  // On failure the two lists say more than a deadline that was missed.
  await visitor.until(isSo, expected).catch(async () => expect(await talk(visitor)).toEqual([...expected]));
}

function talk({ page }: Visitor): Promise<string[]> {
  return page.locator(".talk .words").allInnerTexts();
}
