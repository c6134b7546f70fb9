// Comings and goings in one line. Pure.
import type { Sight } from "../../client/view.ts";
import { shownName } from "../../client/view.ts";

/** How many are named before the rest is a number. */
const NAMED = 2;

/** "Ada, Bob and 3 others entered; Cy left." Of who came and went, what they did last. */
export function trafficLine(sights: readonly Sight[]): string {
  const last = new Map<string, "entered" | "left">();
  for (const { event } of sights)
    if (event?.type === "entered") last.set(shownName(event.name), "entered");
    else if (event?.type === "exited") last.set(shownName(event.name), "left");
  const parts = (["entered", "left"] as const).flatMap((did) => {
    const names = [...last].flatMap(([name, what]) => (what === did ? [name] : []));
    return names.length > 0 ? [`${listed(names)} ${did}`] : [];
  });
  return `${parts.join("; ")}.`;
}

function listed(names: readonly string[]): string {
  const more = names.length - NAMED;
  if (more === 1) return `${names.slice(0, NAMED).join(", ")} and ${names[NAMED]}`;
  if (more > 1) return `${names.slice(0, NAMED).join(", ")} and ${more} others`;
  return names.join(" and ");
}
