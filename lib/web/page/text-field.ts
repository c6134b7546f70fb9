// What a textarea cannot do by itself: grow with its text, say on which row its caret is, and be written into as if somebody typed.

/** As tall as its text. What it may grow to is said by its style. */
export function grow(field: HTMLTextAreaElement): void {
  field.style.height = "auto";
  const borders = field.offsetHeight - field.clientHeight;
  field.style.height = `${field.scrollHeight + borders}px`;
}

/** Now, and whenever the field gets wider or narrower, as its text is wrapped anew then. Answers how to stop. */
export function growWithWidth(field: HTMLTextAreaElement): () => void {
  grow(field);
  let width = field.clientWidth;
  const sizes = new ResizeObserver(() => {
    if (field.clientWidth === width) return;
    width = field.clientWidth;
    // Not while sizes are told: it changes the one that is told.
    requestAnimationFrame(() => grow(field));
  });
  sizes.observe(field);
  return () => sizes.disconnect();
}

/** Puts `text` in place of what is between two places, and the caret behind it. It can be undone as what is typed can. */
export function write(field: HTMLTextAreaElement, from: number, to: number, text: string): void {
  field.focus();
  field.setSelectionRange(from, to);
  // There is no other way that leaves the undo history whole.
  // eslint-disable-next-line typescript/no-deprecated
  if (document.execCommand("insertText", false, text)) return;
  field.setRangeText(text, from, to, "end");
  field.dispatchEvent(new InputEvent("input", { bubbles: true }));
}

/** All of its text at once, with the caret at the end. */
export function replaceAll(field: HTMLTextAreaElement, text: string): void {
  field.value = text;
  field.setSelectionRange(text.length, text.length);
}

/** Keys that belong to an input method. Safari ends a composition before it tells of the Enter that did it: only the key's code says so. */
export function isComposing(event: KeyboardEvent): boolean {
  return event.isComposing || event.keyCode === COMPOSING_KEY_CODE;
}

const COMPOSING_KEY_CODE = 229;

/** What decides where a text is wrapped. */
const WRAPPING = [
  "font",
  "letter-spacing",
  "word-spacing",
  "line-height",
  "tab-size",
  "text-indent",
  "text-transform",
  "direction",
  "overflow-wrap",
  "word-break",
];
/** Takes no place, is no place to wrap at, and yet stands on a row. */
const WORD_JOINER = "\u2060";

/** Whether the caret is on the first row and on the last one, as they are wrapped. Browsers do not tell: the text is laid out once more. */
export function caretRow(field: HTMLTextAreaElement): { readonly isFirst: boolean; readonly isLast: boolean } {
  const style = getComputedStyle(field);
  const mirror = document.createElement("div");
  for (const name of WRAPPING) mirror.style.setProperty(name, style.getPropertyValue(name));
  const padding = Number.parseFloat(style.paddingLeft) + Number.parseFloat(style.paddingRight);
  Object.assign(mirror.style, {
    position: "fixed",
    top: "0",
    left: "0",
    visibility: "hidden",
    whiteSpace: "pre-wrap",
    width: `${field.clientWidth - padding}px`,
  });
  const [start, caret, end] = [mark(), mark(), mark()];
  const { value, selectionStart } = field;
  mirror.append(start, value.slice(0, selectionStart), caret, value.slice(selectionStart), end);
  document.body.append(mirror);
  const rows = { isFirst: caret.offsetTop === start.offsetTop, isLast: caret.offsetTop === end.offsetTop };
  mirror.remove();
  return rows;
}

function mark(): HTMLElement {
  const mark = document.createElement("span");
  mark.textContent = WORD_JOINER;
  return mark;
}
