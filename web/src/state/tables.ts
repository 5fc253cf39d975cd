import { signal } from "@preact/signals";
import { api, take } from "../api/client.ts";
import { asProblem, type Problem, wasAborted } from "../api/problem.ts";
import type { Table } from "../api/types.ts";
import { onForget } from "./stores.ts";

type Tables = {
  state: "unknown" | "known";
  items: Table[];
  /** Uploads whose rows are in the tables as they were, and that are gone or others now. */
  outdated: string[];
  problem: Problem | null;
  version: number;
};

const NOTHING: Tables = { state: "unknown", items: [], outdated: [], problem: null, version: 0 };

/** The tables of the last conversion. `version` counts the conversions that the page has seen: rows belong to one. */
export const tables = signal<Tables>(NOTHING);
onForget(() => {
  tables.value = NOTHING;
});

export async function loadTables(): Promise<void> {
  try {
    const { items, outdated } = await take(api.GET("/api/tables"));
    tables.value = {
      state: "known",
      items: items as unknown as Table[],
      outdated,
      problem: null,
      version: tables.value.version + 1,
    };
  } catch (thrown) {
    if (wasAborted(thrown)) return;
    tables.value = { ...tables.value, state: "known", problem: asProblem(thrown) };
  }
}

/** Looks again what is outdated, after an upload came or went; rows that are shown stay. */
export async function loadOutdated(): Promise<void> {
  const { version, items } = tables.value;
  if (items.length === 0) return;
  const { outdated } = await take(api.GET("/api/tables"));
  if (tables.value.version === version) tables.value = { ...tables.value, outdated };
}
