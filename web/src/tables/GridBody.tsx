import type { Cell, Column } from "../api/types.ts";
import type { Rows } from "../lib/pages.ts";
import { extended, isWithin, type Selection, single } from "./selection.ts";

type Range = { first: number; last: number };

export function GridBody({
  id,
  columns,
  offsets,
  seen,
  rows,
  range,
  place,
  selection,
  onSelect,
}: {
  id: string;
  columns: Column[];
  offsets: number[];
  seen: Range;
  rows: Rows;
  range: Range;
  place: (row: number) => number;
  selection: Selection | null;
  onSelect: (selection: Selection) => void;
}) {
  const press = (event: PointerEvent) => {
    if (event.button !== 0) return;
    const at = placeOf(event.target);
    if (at) onSelect(event.shiftKey && selection ? extended(selection, at.row, at.column) : single(at.row, at.column));
  };
  const drag = (event: PointerEvent) => {
    const at = event.buttons === 1 && event.pointerType === "mouse" ? placeOf(event.target) : null;
    if (at && selection) onSelect(extended(selection, at.row, at.column));
  };
  const numbers = Array.from({ length: Math.max(0, range.last - range.first + 1) }, (_, at) => range.first + at);
  return (
    <div role="rowgroup" class="grid-body" onPointerDown={press} onPointerOver={drag}>
      {numbers.map((row) => {
        const cells = rows.row(row);
        return (
          <div
            key={row}
            role="row"
            class="tr"
            aria-rowindex={row + 2}
            aria-busy={cells === undefined}
            style={{ transform: `translateY(${place(row)}px)` }}
          >
            {columns.slice(seen.first, seen.last + 1).map((column, at) => {
              const number = seen.first + at;
              const left = offsets[number] ?? 0;
              const isSelected = selection !== null && isWithin(selection, row, number);
              return (
                <div
                  key={number}
                  id={`${id}-${row}-${number}`}
                  role="gridcell"
                  class={`td${isNumeric(column) ? " right" : ""}`}
                  aria-colindex={number + 1}
                  aria-selected={isSelected}
                  data-active={isSelected && selection?.cursor.row === row && selection.cursor.column === number}
                  data-place={`${row}-${number}`}
                  style={{
                    transform: `translateX(${left}px)`,
                    width: `${(offsets[number + 1] ?? left) - left}px`,
                  }}
                >
                  {cells === undefined ? <span class="ghost" /> : <Value cell={cells[number] ?? null} />}
                </div>
              );
            })}
          </div>
        );
      })}
    </div>
  );
}

/** Whether values of the column stand at the right. */
export const isNumeric = ({ type, key }: Column) =>
  type === "integer" || type === "decimal" || (key && type !== "text");
/** More of a long text is not drawn; it is whole below the grid. */
const DRAWN = 300;

function Value({ cell }: { cell: Cell }) {
  if (cell === null) return <span class="absent">–</span>;
  const text = String(cell);
  // A cell has one line.
  const line = text.slice(0, DRAWN).replace(/\r\n|\n|\r/g, "↵");
  return <>{text.length > DRAWN ? `${line}…` : line}</>;
}

function placeOf(target: EventTarget | null): { row: number; column: number } | null {
  const cell = target instanceof Element ? target.closest<HTMLElement>("[data-place]") : null;
  const [row, column] = (cell?.dataset.place ?? "").split("-").map(Number);
  return row === undefined || column === undefined || !cell ? null : { row, column };
}
