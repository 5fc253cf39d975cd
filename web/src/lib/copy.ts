import type { Cell } from "../api/types.ts";

/** Cells as spreadsheets take them from the clipboard: tabs between columns, quotes where a value needs them. */
export function tabSeparated(rows: Cell[][]): string {
  return rows.map((row) => row.map(field).join("\t")).join("\n");
}

function field(cell: Cell): string {
  const text = cell === null ? "" : String(cell);
  return /[\t\n\r"]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
