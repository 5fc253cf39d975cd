import { signal } from "@preact/signals";
import { api, take } from "../api/client.ts";
import { asProblem, type Problem } from "../api/problem.ts";
import type { Table } from "../api/types.ts";
import { onForget } from "./stores.ts";

type Tables = { state: "unknown" | "known"; items: Table[]; problem: Problem | null; version: number };

const NOTHING: Tables = { state: "unknown", items: [], problem: null, version: 0 };

/** The tables of the last conversion. `version` counts the conversions that the page has seen: rows belong to one. */
export const tables = signal<Tables>(NOTHING);
onForget(() => {
  tables.value = NOTHING;
});

export async function loadTables(): Promise<void> {
  try {
    const { items } = await take(api.GET("/api/tables"));
    tables.value = {
      state: "known",
      items: items as unknown as Table[],
      problem: null,
      version: tables.value.version + 1,
    };
  } catch (thrown) {
    tables.value = { ...tables.value, state: "known", problem: asProblem(thrown) };
  }
}
