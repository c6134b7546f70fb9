// The input field between two links, and what its tests hear of it.
import { render } from "preact";
import { useState } from "preact/hooks";
import { Composer, type ComposerHandle } from "../../../lib/web/page/composer.tsx";
import { suggest } from "../../../lib/web/page/suggest.ts";

export interface ComposerDemo {
  readonly sent: string[];
  draft: string;
  setDraft(draft: string): void;
  setDisabled(disabled: boolean): void;
  /** Draws it again, with the draft as it is. */
  redraw(): void;
  api: ComposerHandle;
}

const NAMES = ["Ada", "Adele", "Bob", "Grace"];

function Demo() {
  const [draft, setDraft] = useState("");
  const [disabled, setDisabled] = useState(false);
  const [, setDrawings] = useState(0);
  Object.assign(window.composerDemo, {
    draft,
    setDraft,
    setDisabled,
    redraw: () => setDrawings((count) => count + 1),
  });
  return (
    <main>
      <h1>A field</h1>
      <a href="#before">before</a>
      <div class="gap" />
      <Composer
        label="Message"
        placeholder="Say something"
        disabled={disabled}
        draft={draft}
        changed={setDraft}
        suggest={(before) => suggest(before, NAMES, { host: false })}
        submit={(text) => window.composerDemo.sent.push(text)}
        textMax={1_000}
        handle={(api) => (window.composerDemo.api = api)}
      />
      <a href="#after">after</a>
    </main>
  );
}

window.composerDemo = {
  sent: [],
  draft: "",
  setDraft() {},
  setDisabled() {},
  redraw() {},
  api: { focus() {}, insert() {} },
};
render(<Demo />, document.body);
