import type { Column } from "../api/types.ts";
import type { Sort } from "../lib/filters.ts";
import { strings } from "../strings.ts";
import { Icon } from "../ui/Icon.tsx";
import { TypeIcon } from "../ui/TypeIcon.tsx";
import { isNumeric } from "./GridBody.tsx";

const words = strings.tablesView;

export function GridHead({
  columns,
  offsets,
  seen,
  sort,
  onSort,
}: {
  columns: Column[];
  offsets: number[];
  seen: { first: number; last: number };
  sort: Sort | null;
  onSort: ((column: string) => void) | undefined;
}) {
  return (
    <div role="rowgroup" class="grid-head">
      <div role="row" aria-rowindex={1}>
        {columns.slice(seen.first, seen.last + 1).map((column, at) => {
          const place = seen.first + at;
          const left = offsets[place] ?? 0;
          const width = (offsets[place + 1] ?? left) - left;
          const isSorted = sort?.column === column.name;
          const direction = sort?.descending ? "descending" : "ascending";
          return (
            <div
              key={place}
              role="columnheader"
              class={`th${column.key ? " key" : ""}${isNumeric(column) ? " right" : ""}`}
              aria-colindex={place + 1}
              aria-sort={isSorted ? direction : onSort ? "none" : undefined}
              title={column.source_path || undefined}
              style={{ transform: `translateX(${left}px)`, width: `${width}px` }}
            >
              <Head column={column} onSort={onSort} />
              {isSorted && (
                <span class="sort">
                  <Icon name={sort?.descending ? "down" : "up"} size={14} />
                  <span class="unseen">{sort?.descending ? words.sortDescending : words.sortAscending}</span>
                </span>
              )}
            </div>
          );
        })}
      </div>
    </div>
  );
}

function Head({ column, onSort }: { column: Column; onSort: ((column: string) => void) | undefined }) {
  const inner = (
    <>
      <TypeIcon column={column} />
      <span class="truncate">{column.name}</span>
    </>
  );
  if (!onSort) return <span class="row grow">{inner}</span>;
  return (
    <button type="button" tabIndex={-1} class="row grow" onClick={() => onSort(column.name)}>
      {inner}
    </button>
  );
}
