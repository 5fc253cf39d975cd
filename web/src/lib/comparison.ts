import type { Cell, Change, CompareRequest, DifferingRow, KindOfSides, TableDifferences } from "../api/types.ts";

/** Rows that differ, as many as the service tells at first, and as many as it tells at most. */
export const TOLD = { first: 100, most: 1000 };

/** What is to be compared, as it stands in the address: two tables, or two of what was uploaded. Older addresses do not say which. */
export type Asked = { kind: KindOfSides | ""; left: string; right: string; table: string; key: string[]; all: boolean };

const KINDS: readonly string[] = ["table", "upload", "document", "group"] satisfies KindOfSides[];
const isKind = (text: string): text is KindOfSides => KINDS.includes(text);

export function readAsked(parameters: URLSearchParams): Asked {
  const text = (name: string) => parameters.get(name) ?? "";
  // Names of columns may hold anything but a line break.
  const key = text("key").split("\n").filter(Boolean);
  const of = text("of");
  const kind = isKind(of) ? of : "";
  return { kind, left: text("left"), right: text("right"), table: text("table"), key, all: text("rows") === "all" };
}

/** The parameters of an address; what says nothing is left out. */
export function askedText({ kind, left, right, table, key, all }: Asked): Record<string, string> {
  return {
    compare: "",
    ...(kind && { of: kind }),
    ...(left && { left }),
    ...(right && { right }),
    ...(table && { table }),
    ...(key.length > 0 && { key: key.join("\n") }),
    ...(all && { rows: "all" }),
  };
}

/** The name by which a pair of tables is asked for. */
export function pairName({ left, right }: Pick<TableDifferences, "left" | "right">): string {
  return left ?? right ?? "";
}

export function differing({ removed, added, changed }: Record<Change, number>): number {
  return removed + added + changed;
}

/** The pair that is shown: the one asked for, else the first in which anything differs. */
export function shownPair(pairs: TableDifferences[], asked: string): TableDifferences | undefined {
  return pairs.find((pair) => pairName(pair) === asked) ?? pairs.find((pair) => differing(pair) > 0) ?? pairs[0];
}

export function rowsOf(rows: DifferingRow[], kinds: ReadonlySet<Change>): DifferingRow[] {
  return rows.filter(({ change }) => kinds.has(change));
}

/** What differs, a line for each cell: the kind of change, the values of the key, the column, and what was before and after. */
export function linesOf(rows: DifferingRow[]): Cell[][] {
  const keys = Object.keys(rows[0]?.key ?? {});
  const lines = rows.flatMap(({ change, key, left_row, right_row, cells }) => {
    const which = [change, ...keys.map((name) => key[name] ?? null), left_row ?? null, right_row ?? null];
    const own = cells.filter(({ column }) => !(column in key));
    return own.length > 0
      ? own.map(({ column, left, right }) => [...which, column, left, right])
      : [[...which, null, null, null]];
  });
  return [["change", ...keys, "row_before", "row_after", "column", "before", "after"], ...lines];
}

/** Columns that both have and the conversion did not make: those that can be a key. */
export function commonColumns(
  left: { name: string; key: boolean }[],
  right: { name: string; key: boolean }[],
): string[] {
  const names = new Set(right.filter(({ key }) => !key).map(({ name }) => name.toLowerCase()));
  return left.filter(({ name, key }) => !key && names.has(name.toLowerCase())).map(({ name }) => name);
}

/** A text in three parts, of which the middle one is not in the other text. */
export type Parts = [before: string, middle: string, after: string];

/** What two texts have in common at their ends, and what not; letters of two code units stay whole. */
export function parted(left: string, right: string): { left: Parts; right: Parts } {
  const [a, b] = [[...left], [...right]];
  const most = Math.min(a.length, b.length);
  let start = 0;
  while (start < most && a[start] === b[start]) start += 1;
  let end = 0;
  while (end < most - start && a[a.length - 1 - end] === b[b.length - 1 - end]) end += 1;
  const parts = (letters: string[]): Parts => [
    letters.slice(0, start).join(""),
    letters.slice(start, letters.length - end).join(""),
    letters.slice(letters.length - end).join(""),
  ];
  return { left: parts(a), right: parts(b) };
}

/**
 * The calls that answer what is asked: all that the two sides have, and where one pair of tables is looked at by another key or with more
 * rows that pair as well.
 */
export function requestsOf(
  { kind, left, right, table, key, all }: Asked,
  tableNames: string[],
): { whole: CompareRequest | null; part: CompareRequest | null } {
  if (left === "" || right === "") return { whole: null, part: null };
  const closely = { limit: all ? TOLD.most : TOLD.first, ...(key.length > 0 && { key }) };
  const areTables = kind ? kind === "table" : tableNames.includes(left) && tableNames.includes(right);
  const sides = { left, right, ...(kind && { kind }) };
  if (areTables) return { whole: { ...sides, ...closely }, part: null };
  const whole = { ...sides, limit: TOLD.first };
  const isCloser = table !== "" && (all || key.length > 0);
  return { whole, part: isCloser ? { ...sides, tables: [table], ...closely } : null };
}

/** Letters of a value that are shown: beside what is marked, and of what is marked itself. */
const BESIDE = 60;
const SHOWN = 400;

/** A text of which only so much is shown as helps to see what differs; the row has the whole. */
export function shortened([start, middle, end]: Parts): Parts {
  const isWhole = start.length + middle.length + end.length <= SHOWN;
  if (isWhole) return [start, middle, end];
  const [first, marked, last] = [[...start], [...middle], [...end]];
  return [
    first.length > BESIDE ? `…${first.slice(-BESIDE).join("")}` : start,
    marked.length > SHOWN ? `${marked.slice(0, SHOWN).join("")}…` : middle,
    last.length > BESIDE ? `${last.slice(0, BESIDE).join("")}…` : end,
  ];
}
