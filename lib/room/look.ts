// Which names look alike to a person (UTS #39 skeletons). Knows nothing of rooms.
import { rectifyConfusion } from "unicode-confusables";
import { foldName } from "../protocol/name.ts";

/** What `name` looks like, as keys: two names that share one of them are easily taken for each other. */
export function looksOf(name: string): readonly string[] {
  const folded = foldName(name);
  const looks = [foldName(rectifyConfusion(name)), foldName(rectifyConfusion(folded))];
  return looks[0] === looks[1] ? looks.slice(1) : looks;
}
