import { tabSeparated } from "../lib/copy.ts";
import { count } from "../lib/format.ts";
import type { Rows } from "../lib/pages.ts";
import { notify } from "../state/notices.ts";
import { strings } from "../strings.ts";
import { copyText } from "../ui/clipboard.ts";
import { boundsOf, type Selection } from "./selection.ts";

/** More rows are no matter of a clipboard; their table is there to be downloaded. */
const MOST_ROWS = 10_000;

/** What is selected, if all of its rows are here. */
export function selectedHere(rows: Rows, selection: Selection): string | null {
  const { top, bottom, left, right } = boundsOf(selection);
  if (bottom - top >= MOST_ROWS) return null;
  const taken = [];
  for (let at = top; at <= bottom; at += 1) {
    const row = rows.row(at);
    if (row === undefined) return null;
    taken.push(row.slice(left, right + 1));
  }
  return tabSeparated(taken);
}

/** Copies what is selected, and what of it is not here yet as well. */
export async function copySelected(rows: Rows, selection: Selection): Promise<void> {
  const { top, bottom, left, right } = boundsOf(selection);
  if (bottom - top >= MOST_ROWS) {
    notify("bad", strings.tablesView.tooManyRows(count(MOST_ROWS)), strings.tablesView.tooManyRowsDetail);
    return;
  }
  await copyText(
    selectedHere(rows, selection) ??
      rows.between(top, bottom).then((all) => tabSeparated(all.map((row) => row.slice(left, right + 1)))),
  );
}
