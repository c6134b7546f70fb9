// The signs on buttons that have no words, drawn so that they look the same everywhere. What a button does is told by its label.
import type { VNode } from "preact";

const SHAPES = {
  people:
    "M12 6.5a3 3 0 1 1-6 0a3 3 0 0 1 6 0M3 16.5c0-3 2.5-4.5 6-4.5s6 1.5 6 4.5M13.5 4a3 3 0 0 1 0 5M15.5 12.5c1 .6 1.8 1.7 2 3.5",
  more: "M4.5 10v0M10 10v0M15.5 10v0",
  close: "M5 5l10 10M15 5l-10 10",
} as const;

export function Glyph({ shape }: { readonly shape: keyof typeof SHAPES }): VNode {
  return (
    <svg class={`glyph ${shape}`} viewBox="0 0 20 20" aria-hidden="true">
      <path d={SHAPES[shape]} />
    </svg>
  );
}
