// Comings and goings in one line. Pure.
import type { Sight } from "../../client/view.ts";
import { shownName } from "../../client/view.ts";

/** How many are named before the rest is a number. */
const NAMED = 2;

/** "Ada, Bob and 3 others entered; Cy left." */
export function trafficLine(sights: readonly Sight[]): string {
  const entered = new Set<string>();
  const exited = new Set<string>();
  for (const { event } of sights)
    if (event?.type === "entered") entered.add(shownName(event.name));
    else if (event?.type === "exited") exited.add(shownName(event.name));
  const parts = [
    ...(entered.size > 0 ? [`${listed([...entered])} entered`] : []),
    ...(exited.size > 0 ? [`${listed([...exited])} left`] : []),
  ];
  return `${parts.join("; ")}.`;
}

function listed(names: readonly string[]): string {
  const more = names.length - NAMED;
  if (more === 1) return `${names.slice(0, NAMED).join(", ")} and ${names[NAMED]}`;
  if (more > 1) return `${names.slice(0, NAMED).join(", ")} and ${more} others`;
  return names.join(" and ");
}
