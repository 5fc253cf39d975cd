import type { Column, Table } from "../api/types.ts";
import type { Rows } from "../lib/pages.ts";
import { to } from "../lib/router.ts";
import { strings } from "../strings.ts";
import { Icon } from "../ui/Icon.tsx";
import { copySelected } from "./copying.ts";
import { type Selection, sizeOf } from "./selection.ts";

const words = strings.tablesView;

/** The selected cell in full; of a larger selection its size. */
export function CellBar({
  columns,
  rows,
  selection,
  table,
}: {
  columns: Column[];
  rows: Rows;
  selection: Selection | null;
  table?: Table;
}) {
  const cursor = selection?.cursor;
  const column = cursor && columns[cursor.column];
  if (!selection || !cursor || !column) return <p class="cell-bar small muted">{words.copyHint}</p>;
  const size = sizeOf(selection);
  const value = rows.row(cursor.row)?.[cursor.column];
  const isMany = size.rows * size.columns > 1;
  return (
    <div class="cell-bar">
      <div class="grow">
        <p class="small muted truncate" title={column.source_path}>
          {isMany ? words.selected(size.rows, size.columns) : words.cellOf(column.name, cursor.row + 1)}
          {!isMany && column.source_path && <code> {column.source_path}</code>}
        </p>
        {!isMany && (
          <p class="cell-value">
            {value === null || value === undefined ? (
              <span class="muted">{words.noValue}</span>
            ) : value === "" ? (
              <span class="muted">{words.emptyValue}</span>
            ) : (
              String(value)
            )}
          </p>
        )}
      </div>
      {table?.parent && column.name === "_parent" && value != null && (
        <a class="button small" href={to("tables", [table.parent.table], { row: String(value) })}>
          <Icon name="link" size={15} />
          {words.openParent(table.parent.table)}
        </a>
      )}
      <button type="button" class="button small" onClick={() => copySelected(rows, selection)}>
        <Icon name="copy" size={15} />
        {words.copy}
      </button>
    </div>
  );
}
