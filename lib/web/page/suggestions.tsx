// What the input field offers at its caret, and how it is shown. Knows nothing of what is offered.
import type { VNode } from "preact";
import { useLayoutEffect, useRef } from "preact/hooks";

/** `from`: where the word begins that an item would replace; it ends at the caret. */
export interface Suggested {
  readonly from: number;
  readonly items: readonly Suggestion[];
}

export interface Suggestion {
  readonly insert: string;
  readonly label: string;
  readonly hint?: string;
}

/** What is on the screen. */
export interface Offer extends Suggested {
  /** The item that is chosen: -1 is none yet. */
  readonly active: number;
}

const ITEMS_MAX = 50;
/** Words that begin so ask for something. Others are mostly meant as they are typed. */
const ASKS = /^[/@:]/;

/** What is offered for the word that ends `before` while it is typed. */
export function offerTyped(before: string, { from, items }: Suggested): Offer | undefined {
  const word = before.slice(from);
  if (!ASKS.test(word) || items.length === 0) return undefined;
  // After the sign alone Enter sends: nobody has said yet which one is meant.
  return { from, items: items.slice(0, ITEMS_MAX), active: word.length > 1 ? 0 : -1 };
}

/** What Tab offers. Nothing where no word was begun: then Tab goes on to the next thing on the page. */
export function offerAsked(before: string, { from, items }: Suggested): Offer | undefined {
  if (before.length === from || items.length === 0) return undefined;
  return { from, items: items.slice(0, ITEMS_MAX), active: 0 };
}

/** The next item or the one before; round the ends. */
export function choose(offer: Offer, step: -1 | 1): Offer {
  const { length } = offer.items;
  const from = offer.active < 0 && step < 0 ? 0 : offer.active;
  return { ...offer, active: (from + step + length) % length };
}

/** Whether the word stands there as one of the items has it: there is nothing left to take. */
export function isTyped(word: string, { items }: Offer): boolean {
  return items.some(({ insert }) => insert.trimEnd() === word);
}

interface SuggestionsProps {
  readonly id: string;
  readonly offer: Offer;
  readonly take: (item: Suggestion) => void;
}

export function Suggestions({ id, offer, take }: SuggestionsProps): VNode {
  const chosen = useRef<HTMLLIElement>(null);
  useLayoutEffect(() => chosen.current?.scrollIntoView({ block: "nearest" }), [offer]);
  return (
    <ul
      class="suggestions"
      role="listbox"
      id={id}
      aria-label="Suggestions"
      // The field keeps the focus, and a phone its keyboard.
      onMouseDown={(event) => event.preventDefault()}
    >
      {offer.items.map((item, i) => (
        <li
          key={i}
          class="suggestion"
          role="option"
          id={optionId(id, i)}
          ref={i === offer.active ? chosen : null}
          aria-selected={i === offer.active}
          onClick={() => take(item)}
        >
          <span class="suggestion-label">{item.label}</span>
          {item.hint === undefined ? null : <span class="suggestion-hint">{item.hint}</span>}
        </li>
      ))}
    </ul>
  );
}

export function optionId(id: string, index: number): string {
  return `${id}-${index}`;
}
