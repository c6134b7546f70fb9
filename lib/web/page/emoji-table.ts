// The emoji and their names, packed while the page is bundled: a macro, so that the page holds its result alone. Runs in no browser.
import shortcodes from "emojibase-data/en/shortcodes/github.json";

/**
 * `1F600:grinning,grin,1F606:laughing satisfied`: an emoji's code points, then its shortcodes. Without code points it is
 * the next one. Plain ASCII, as a bundler may write an emoji with twelve characters. Variation selectors are left out:
 * who reads it knows where they belong.
 */
export function packedEmoji(): string {
  let next = 0;
  return Object.entries(shortcodes)
    .map(([hex, codes]) => ({
      points: hex.split("-").filter((point) => point !== "FE0F"),
      codes: [codes].flat().join(" "),
    }))
    .toSorted((a, b) => order(a.points, b.points))
    .map(({ points, codes }) => {
      const point = points.length === 1 ? Number.parseInt(points[0]!, 16) : undefined;
      const follows = point === next;
      if (point !== undefined) next = point + 1;
      return follows ? codes : `${points.join("-")}:${codes}`;
    })
    .join(",");
}

function order(a: readonly string[], b: readonly string[]): number {
  const at = a.findIndex((point, index) => point !== b[index]);
  return at < 0 ? a.length - b.length : Number.parseInt(a[at]!, 16) - Number.parseInt(b[at] ?? "0", 16);
}
