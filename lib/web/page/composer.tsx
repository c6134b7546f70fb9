// The field in which a message is written. Knows nothing of chat: what is suggested and what becomes of the text is told.
import type { VNode } from "preact";
import { useId, useLayoutEffect, useRef } from "preact/hooks";
import { optionId, Suggestions, type Offer } from "./suggestions.tsx";
import { growWithWidth, write } from "./text-field.ts";
import { useWriting, type WritingProps } from "./writing.ts";

export interface ComposerProps extends WritingProps {
  readonly label: string;
  readonly placeholder: string;
  /** Told once. */
  readonly handle: (api: ComposerHandle) => void;
}

export interface ComposerHandle {
  focus(): void;
  /** At the caret. */
  insert(text: string): void;
}

/** From here on the field says how much more it takes. */
const NEARLY_FULL = 0.9;

export function Composer(props: ComposerProps): VNode {
  const { label, placeholder, disabled, textMax } = props;
  const field = useRef<HTMLTextAreaElement>(null);
  const current = useRef(props);
  current.current = props;
  const { offer, bytes, refused, take, withdraw, typed, submit, keyDown, beforeInput } = useWriting(props, field);
  const id = useId();
  const listId = `${id}-suggestions`;
  const noteId = `${id}-note`;
  const isOver = bytes > textMax;

  useLayoutEffect(() => {
    current.current.handle({
      focus: () => field.current?.focus(),
      insert: (text) => {
        if (field.current === null || current.current.disabled) return;
        write(field.current, field.current.selectionStart, field.current.selectionEnd, text);
      },
    });
    return growWithWidth(field.current!);
  }, []);

  return (
    <form
      class="composer"
      onSubmit={(event) => {
        event.preventDefault();
        submit();
      }}
    >
      {offer === undefined ? null : <Suggestions id={listId} offer={offer} take={take} />}
      <textarea
        class="composer-field"
        ref={field}
        rows={1}
        dir="auto"
        enterkeyhint="send"
        autocomplete="off"
        readOnly={disabled}
        placeholder={placeholder}
        aria-label={label}
        aria-disabled={disabled}
        aria-invalid={isOver}
        aria-describedby={noteId}
        aria-autocomplete="list"
        aria-haspopup="listbox"
        aria-controls={offer === undefined ? undefined : listId}
        aria-activedescendant={offer === undefined || offer.active < 0 ? undefined : optionId(listId, offer.active)}
        onInput={(event) => typed(event.isComposing)}
        onCompositionEnd={() => typed(false)}
        onKeyDown={keyDown}
        onBeforeInput={beforeInput}
        onPointerDown={withdraw}
        onBlur={withdraw}
      />
      <button class="composer-send" type="submit" disabled={disabled} onMouseDown={(event) => event.preventDefault()}>
        Send
      </button>
      <p class="composer-note" id={noteId} data-over={isOver}>
        {sizeNote(bytes, textMax)}
      </p>
      <p class="composer-refusal" role="alert">
        {refused && isOver ? "This is too long to be sent. Shorten it, or send it as two messages." : ""}
      </p>
      <p class="composer-status" role="status">
        {offer === undefined ? "" : offerNote(offer)}
      </p>
    </form>
  );
}

function sizeNote(bytes: number, max: number): string {
  if (bytes <= max * NEARLY_FULL) return "";
  const [count, how] = bytes > max ? [bytes - max, "too many"] : [max - bytes, "left"];
  return `${count.toLocaleString("en-GB")} ${count === 1 ? "byte" : "bytes"} ${how}`;
}

function offerNote({ items }: Offer): string {
  return items.length === 1
    ? "1 suggestion; Tab takes it."
    : `${items.length} suggestions; Up and Down choose, Tab takes one.`;
}
