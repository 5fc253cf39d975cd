import type { Cell } from "../api/types.ts";

/** Cells as spreadsheets take them from the clipboard: tabs between columns, quotes where a value needs them. */
export function tabSeparated(rows: Cell[][]): string {
  return rows.map((row) => row.map(field).join("\t")).join("\n");
}

/** Cells as a CSV file, RFC 4180. */
export function commaSeparated(rows: Cell[][]): string {
  const quoted = (cell: Cell) => {
    const text = cell === null ? "" : String(cell);
    return /[,\n\r"]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
  };
  return rows.map((row) => `${row.map(quoted).join(",")}\r\n`).join("");
}

function field(cell: Cell): string {
  const text = cell === null ? "" : String(cell);
  return /[\t\n\r"]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
