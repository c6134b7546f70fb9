// What keys and typed text do to the field in which a message is written. Knows nothing of how it looks.
import { useLayoutEffect, useRef, useState } from "preact/hooks";
import { History } from "../../tty/history.ts";
import {
  choose,
  isTyped,
  offerAsked,
  offerTyped,
  type Offer,
  type Suggested,
  type Suggestion,
} from "./suggestions.tsx";
import { caretRow, grow, isComposing, replaceAll, write } from "./text-field.ts";

export interface WritingProps {
  /** Nothing can be written or sent; the field keeps its focus. */
  readonly disabled: boolean;
  /** A value that did not come from `changed` replaces what is in the field. */
  readonly draft: string;
  readonly changed: (draft: string) => void;
  /** `before`: the text left of the caret. */
  readonly suggest: (before: string) => Suggested;
  /** The field is empty by then, and `changed` was told. */
  readonly submit: (text: string) => void;
  /** In bytes of UTF-8. */
  readonly textMax: number;
}

interface Writing {
  readonly offer: Offer | undefined;
  /** As many as the text has by now. */
  readonly bytes: number;
  /** It was too long to be sent, and still is. */
  readonly refused: boolean;
  readonly take: (item: Suggestion) => void;
  /** Nothing is offered any more. */
  readonly withdraw: () => void;
  readonly typed: (isComposed: boolean) => void;
  readonly submit: () => void;
  readonly keyDown: (event: KeyboardEvent) => void;
  readonly beforeInput: (event: InputEvent) => void;
}

export function useWriting(
  { draft, disabled, textMax, changed, suggest, submit }: WritingProps,
  ref: { readonly current: HTMLTextAreaElement | null },
): Writing {
  /** The draft as we told it or were told it last. */
  const known = useRef("");
  const [history] = useState(() => new History());
  const [offer, setOffer] = useState<Offer | undefined>(undefined);
  const [bytes, setBytes] = useState(0);
  const [refused, setRefused] = useState(false);
  /** Where the word begins whose suggestions were sent away. */
  const dismissed = useRef<number | undefined>(undefined);
  /** Escape was pressed: Tab goes on to the next thing on the page. */
  const leaving = useRef(false);
  /** The last key had no name of its own, and Shift was not held. */
  const mayBeEnter = useRef(false);

  const field = () => ref.current!;
  const before = () => field().value.slice(0, field().selectionStart);
  const withdraw = () => setOffer(undefined);

  /** The text is another one. */
  const settle = () => {
    grow(field());
    const { value } = field();
    const size = bytesOf(value);
    setBytes(size);
    if (size <= textMax) setRefused(false);
    if (value === known.current) return;
    known.current = value;
    changed(value);
  };

  const typed = (isComposed: boolean) => {
    leaving.current = false;
    settle();
    if (isComposed) return withdraw();
    const suggested = suggest(before());
    // Another word, or none: the one that was sent away is gone.
    if (suggested.from !== dismissed.current || suggested.from === before().length) dismissed.current = undefined;
    setOffer(dismissed.current === undefined ? offerTyped(before(), suggested) : undefined);
  };

  const put = (from: number, { insert }: Suggestion) => {
    const { value, selectionStart: caret } = field();
    const isSpaced = insert.endsWith(" ") && value[caret] === " ";
    write(field(), from, caret, isSpaced ? insert.slice(0, -1) : insert);
    withdraw();
  };

  const send = () => {
    const entry = field().value;
    if (disabled || entry.trim() === "") return;
    withdraw();
    if (bytesOf(entry) > textMax) return setRefused(true);
    history.add(entry);
    dismissed.current = undefined;
    replaceAll(field(), "");
    settle();
    submit(entry);
  };

  /** Whether there was another entry to walk to. */
  const recall = (step: -1 | 1): boolean => {
    const { isFirst, isLast } = caretRow(field());
    const entry = (step < 0 ? isFirst : isLast) ? history.move(step, field().value) : undefined;
    if (entry === undefined) return false;
    replaceAll(field(), entry);
    settle();
    return true;
  };

  const enter = () => {
    const chosen = offer?.items[offer.active];
    if (offer === undefined || chosen === undefined || isTyped(before().slice(offer.from), offer)) send();
    else put(offer.from, chosen);
    return true;
  };

  const complete = (): boolean => {
    const asked = offer ?? offerAsked(before(), suggest(before()));
    if (asked === undefined) return false;
    if (offer === undefined && asked.items.length > 1) setOffer(asked);
    else put(asked.from, asked.items[Math.max(0, asked.active)]!);
    return true;
  };

  const escape = (): boolean => {
    leaving.current = true;
    dismissed.current = offer?.from;
    withdraw();
    return offer !== undefined;
  };

  /** Whether the key was ours. */
  const pressed = (event: KeyboardEvent): boolean => {
    const { key, shiftKey, altKey, ctrlKey, metaKey } = event;
    const { selectionStart, selectionEnd } = field();
    if (key === "Enter") return !shiftKey && !altKey && enter();
    if (key === "Escape") return escape();
    if (key === "ArrowLeft" || key === "ArrowRight" || key === "Home" || key === "End") withdraw();
    if (shiftKey || altKey || ctrlKey || metaKey || disabled || selectionStart !== selectionEnd) return false;
    if (key === "Tab") return !leaving.current && complete();
    if (key !== "ArrowUp" && key !== "ArrowDown") return false;
    const step = key === "ArrowUp" ? -1 : 1;
    if (offer === undefined) return recall(step);
    setOffer(choose(offer, step));
    return true;
  };

  const keyDown = (event: KeyboardEvent) => {
    mayBeEnter.current = isComposing(event) && !event.shiftKey;
    if (!isComposing(event) && pressed(event)) event.preventDefault();
  };

  /** Some keyboards of phones do not name their keys: what the key does says that it was Enter. */
  const beforeInput = (event: InputEvent) => {
    if (event.inputType !== "insertLineBreak" || event.isComposing || !mayBeEnter.current) return;
    event.preventDefault();
    send();
  };

  useLayoutEffect(() => {
    if (draft === known.current) return;
    known.current = draft;
    if (draft !== field().value) replaceAll(field(), draft);
    settle();
  }, [draft]);

  const take = (item: Suggestion) => {
    if (offer !== undefined) put(offer.from, item);
  };
  return { offer, bytes, refused, take, withdraw, typed, submit: send, keyDown, beforeInput };
}

function bytesOf(text: string): number {
  return new TextEncoder().encode(text).length;
}
