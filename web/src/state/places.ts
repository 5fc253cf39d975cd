import { signal } from "@preact/signals";
import { type Place, to } from "../lib/router.ts";
import { onForget } from "./stores.ts";
import { tables } from "./tables.ts";

type Visit = { address: string; isComparison: boolean; version: number };

/** The last address of each view, so that one comes back to the table or the conversation that was looked at. */
const visits = signal<Record<string, Visit>>({});
onForget(() => {
  visits.value = {};
});

export function visit({ view, rest, parameters }: Place): void {
  const address = to(view, rest, Object.fromEntries(parameters));
  const isComparison = parameters.has("compare");
  const { version } = tables.peek();
  visits.value = { ...visits.peek(), [view]: { address, isComparison, version } };
}

/** Where a view was left; its beginning if that was a comparison and its tables were made anew since, perhaps without what it compared. */
export function lastPlace(view: string): string {
  const last = visits.value[view];
  const isOver = last?.isComparison && last.version !== tables.value.version;
  return last && !isOver ? last.address : to(view);
}
