// Who is here: beside the talk, or on a narrow screen in a drawer above it.
import type { VNode } from "preact";
import { useEffect, useRef } from "preact/hooks";

/** More are counted, not shown. */
const SHOWN_MAX = 500;

export interface MembersProps {
  readonly names: readonly string[];
  readonly me: string;
  /** The reader wants to whisper to somebody. */
  readonly chosen: (name: string) => void;
}

export function Members({ names, me, chosen }: MembersProps): VNode {
  const sorted = names.toSorted((one, other) => one.localeCompare(other));
  const more = sorted.length - SHOWN_MAX;
  return (
    <>
      <h2>
        Members <span class="count">{names.length}</span>
      </h2>
      <ul>
        {sorted.slice(0, SHOWN_MAX).map((name) => (
          <li key={name}>
            {name === me ? (
              <span class="member me">
                <bdi>{name}</bdi> <span class="tag">you</span>
              </span>
            ) : (
              <button type="button" class="member" title={`Whisper to ${name}`} onClick={() => chosen(name)}>
                <bdi>{name}</bdi>
              </button>
            )}
          </li>
        ))}
      </ul>
      {more > 0 && <p class="small">… and {more} more; /names shows all.</p>}
    </>
  );
}

/** The same in a drawer: the browser keeps the keyboard inside, and Escape closes it. */
export function MembersDrawer({ close, ...props }: MembersProps & { readonly close: () => void }): VNode {
  const dialog = useRef<HTMLDialogElement>(null);
  useEffect(() => dialog.current?.showModal(), []);
  return (
    <dialog
      class="members drawer"
      ref={dialog}
      aria-label="Members"
      onClose={close}
      // The drawer's own place is its whole surface: a click on the dialog itself is one beside it.
      onClick={(event) => event.target === event.currentTarget && close()}
    >
      <div class="drawer-inside">
        <button type="button" class="icon close" aria-label="Close the members" onClick={close}>
          ×
        </button>
        <Members {...props} />
      </div>
    </dialog>
  );
}
