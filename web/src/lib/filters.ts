export const COMPARISONS = ["~", "=", "!=", "<", "<=", ">", ">="] as const;
export type Comparison = (typeof COMPARISONS)[number];
export type Filter = { column: string; comparison: Comparison; value: string };
export type Sort = { column: string; descending: boolean };

/** Conditions as the call takes them: `year>=1970;title~love`. */
export function filterText(filters: Filter[]): string {
  return filters.map(({ column, comparison, value }) => `${column}${comparison}${value}`).join(";");
}

/** The reverse, as the service reads it: of each condition the comparison that comes first counts, and of two at one place the longer. */
export function readFilters(text: string): Filter[] {
  return text.split(";").flatMap((condition) => {
    const found = /^(.+?)(!=|<=|>=|=|<|>|~)(.*)$/s.exec(condition);
    if (!found) return [];
    const [, column = "", comparison, value = ""] = found;
    return [{ column: column.trim(), comparison: comparison as Comparison, value }];
  });
}

/** A sort as the call takes it: the greatest first with `-` in front. */
export function sortText(sort: Sort | null): string {
  return sort ? `${sort.descending ? "-" : ""}${sort.column}` : "";
}

export function readSort(text: string): Sort | null {
  if (text === "") return null;
  return text.startsWith("-") ? { column: text.slice(1), descending: true } : { column: text, descending: false };
}

/** Whether the call can tell this column or value from the marks of its own language. */
export function canFilter({ column, value }: { column: string; value: string }): boolean {
  return !/[;=<>~!]/.test(column) && !value.includes(";");
}
