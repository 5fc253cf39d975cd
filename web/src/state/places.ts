import { signal } from "@preact/signals";
import { type Place, to } from "../lib/router.ts";
import { onForget } from "./stores.ts";
import { tables } from "./tables.ts";

type Visit = { address: string; isComparison: boolean; table: string | undefined; version: number };

/** The last address of each view, so that one comes back to the table or the conversation that was looked at. */
const visits = signal<Record<string, Visit>>({});
onForget(() => {
  visits.value = {};
});

export function visit({ view, rest, parameters }: Place): void {
  const address = to(view, rest, Object.fromEntries(parameters));
  const isComparison = parameters.has("compare");
  const { version } = tables.peek();
  const table = view === "tables" ? rest[0] : undefined;
  visits.value = { ...visits.peek(), [view]: { address, isComparison, table, version } };
}

/** Where a view was left; its beginning if the tables were made anew since, perhaps without what was looked at or compared. */
export function lastPlace(view: string): string {
  const last = visits.value[view];
  const { items, version } = tables.value;
  const isGone = last?.table !== undefined && !items.some(({ name }) => name === last.table);
  const isOver = last && last.version !== version && (last.isComparison || isGone);
  return last && !isOver ? last.address : to(view);
}
