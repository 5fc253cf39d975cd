import type { Column } from "../api/types.ts";
import { strings } from "../strings.ts";
import { Icon, type IconName } from "./Icon.tsx";

const ICONS: Record<string, IconName> = {
  integer: "number",
  decimal: "number",
  boolean: "toggle",
  date: "date",
  date_time: "date",
  time: "date",
};

/** What the values of a column may be read as. */
export function TypeIcon({ column }: { column: Column }) {
  const label = column.key ? strings.tablesView.key : (strings.types[column.type] ?? column.type);
  return (
    <span class={column.key ? "type key" : "type"} title={label}>
      <Icon name={column.key ? "key" : (ICONS[column.type] ?? "text")} size={14} />
      <span class="unseen">{label}: </span>
    </span>
  );
}
