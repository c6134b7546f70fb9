// Who is here: beside the talk, or on a narrow screen in a drawer above it.
import type { VNode } from "preact";
import { useEffect, useMemo, useRef } from "preact/hooks";
import { VERIFIED } from "../../client/view.ts";
import { Glyph } from "./glyph.tsx";
import { hueOf } from "./hue.ts";

/** More are counted, not shown. */
const SHOWN_MAX = 500;

export interface MembersProps {
  readonly names: readonly string[];
  /** Those of them who have proved a key. */
  readonly verified: ReadonlySet<string>;
  readonly me: string;
  /** The reader wants to whisper to somebody. */
  readonly chosen: (name: string) => void;
}

export function Members({ names, verified, me, chosen }: MembersProps): VNode {
  // The list grows in place. A burst of talk draws many frames, and to sort a full room takes as long as one.
  return useMemo(() => membersElement({ names, verified, me, chosen }), [names, names.length, me]);
}

function membersElement({ names, verified, me, chosen }: MembersProps): VNode {
  const sorted = names.toSorted((one, other) => one.localeCompare(other));
  const more = sorted.length - SHOWN_MAX;
  return (
    <>
      <h2>
        Members <span class="count">{names.length}</span>
      </h2>
      <p class="small">{names.length > 1 ? "Choose a name to whisper." : "Only you are here so far."}</p>
      <ul>
        {sorted.slice(0, SHOWN_MAX).map((name) => (
          <li key={name}>
            {name === me ? (
              <span class="member me">
                <Face name={name} />
                <bdi>{name}</bdi> {verified.has(name) && <Verified />} <span class="tag">you</span>
              </span>
            ) : (
              <button type="button" class="member" title={`Whisper to ${name}`} onClick={() => chosen(name)}>
                <Face name={name} />
                <bdi>{name}</bdi> {verified.has(name) && <Verified />}
              </button>
            )}
          </li>
        ))}
      </ul>
      {more > 0 && <p class="small">… and {more} more; /names shows all.</p>}
    </>
  );
}

/** Nobody else can have the name. */
function Verified(): VNode {
  return (
    <span class="verified" role="img" aria-label="verified" title="Verified: this name has a key, and is nobody else's">
      {VERIFIED}
    </span>
  );
}

/** Its first sign in its colour, as its words have it: quicker to find than a name among many. */
function Face({ name }: { readonly name: string }): VNode {
  const [initial = ""] = name;
  return <span class={`face hue-${hueOf(name)}`} aria-hidden="true" data-initial={initial.toUpperCase()} />;
}

/** The same in a drawer: the browser keeps the keyboard inside, gives it back to where it was, and Escape closes it. */
export function MembersDrawer({ close, chosen, ...props }: MembersProps & { readonly close: () => void }): VNode {
  const dialog = useRef<HTMLDialogElement>(null);
  // A dialog that is only taken away would leave the keyboard nowhere.
  const shut = () => dialog.current?.close();
  const choose = (name: string) => {
    // As long as it is open, nothing beside it can be typed into.
    shut();
    chosen(name);
  };
  useEffect(() => dialog.current?.showModal(), []);
  return (
    <dialog
      class="members drawer"
      ref={dialog}
      aria-label="Members"
      onClose={close}
      // The drawer's own place is its whole surface: a click on the dialog itself is one beside it.
      onClick={(event) => event.target === event.currentTarget && shut()}
    >
      <div class="drawer-inside">
        <button type="button" class="icon close" aria-label="Close the members" onClick={shut}>
          <Glyph shape="close" />
        </button>
        <Members {...props} chosen={choose} />
      </div>
    </dialog>
  );
}
