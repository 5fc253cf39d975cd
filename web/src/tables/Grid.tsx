import { useEffect, useId, useLayoutEffect, useMemo, useRef, useState } from "preact/hooks";
import type { Column } from "../api/types.ts";
import type { Sort } from "../lib/filters.ts";
import { columnsBetween, offsetsOf, Vertical, widthsOf } from "../lib/geometry.ts";
import type { Rows } from "../lib/pages.ts";
import { copySelected, selectedHere } from "./copying.ts";
import { GridBody } from "./GridBody.tsx";
import { GridHead } from "./GridHead.tsx";
import { moved, type Selection, single } from "./selection.ts";

const SAMPLE = 100;

/**
 * Rows and columns of any number, of which only those in sight are in the page. Arrow keys move, with Shift they select, Ctrl+C copies,
 * Enter sorts by the column.
 * `version` says that the rows have changed.
 */
export function Grid({
  label,
  columns,
  rows,
  version,
  sort,
  onSort,
  selection,
  onSelect,
}: {
  label: string;
  columns: Column[];
  rows: Rows;
  version: number;
  sort?: Sort | null;
  onSort?: ((column: string) => void) | undefined;
  selection: Selection | null;
  onSelect: (selection: Selection) => void;
}) {
  const id = useId();
  const box = useRef<HTMLDivElement>(null);
  const [view, setView] = useState({ top: 0, left: 0, width: 800, height: 400, rem: 16 });
  const rowHeight = view.rem * 2;
  const headHeight = view.rem * 2.5;

  const known = Math.min(SAMPLE, rows.total);
  const sampled = rows.row(0) !== undefined;
  // Widths stay as they are once the first rows are known.
  const widths = useMemo(() => {
    const sample = Array.from({ length: known }, (_, at) => rows.row(at) ?? []);
    return widthsOf(
      columns.map(({ name }) => name),
      sample,
      view.rem / 16,
    );
  }, [columns, sampled, view.rem]);
  const offsets = useMemo(() => offsetsOf(widths), [widths]);
  const vertical = new Vertical(rows.total, rowHeight, view.height - headHeight);
  const { first, last } = vertical.range(view.top);
  const seen = columnsBetween(offsets, view.left, view.left + view.width);

  useEffect(() => rows.want(first, last), [rows, first, last, version]);
  useLayoutEffect(() => {
    const element = box.current;
    if (!element) return;
    const measure = () => {
      const rem = Number.parseFloat(getComputedStyle(document.documentElement).fontSize);
      setView((before) => ({ ...before, width: element.clientWidth, height: element.clientHeight, rem }));
    };
    measure();
    const observer = new ResizeObserver(measure);
    observer.observe(element);
    return () => observer.disconnect();
  }, []);

  // A selection that comes from elsewhere, such as a citation, is brought into sight.
  const cursor = selection?.cursor;
  const columnStart = cursor ? (offsets[cursor.column] ?? 0) : 0;
  const columnEnd = cursor ? (offsets[cursor.column + 1] ?? 0) : 0;
  // Only a new place scrolls.
  useLayoutEffect(() => {
    const element = box.current;
    if (!element || !cursor || rows.total === 0) return;
    const far = cursor.row < first - 100 || cursor.row > last + 100;
    element.scrollTop = far ? vertical.center(cursor.row) : vertical.reveal(cursor.row, element.scrollTop);
    if (columnStart < element.scrollLeft) element.scrollLeft = columnStart;
    else if (columnEnd > element.scrollLeft + element.clientWidth) {
      element.scrollLeft = Math.min(columnStart, columnEnd - element.clientWidth);
    }
  }, [cursor?.row, cursor?.column, rows, rows.total > 0]);

  const press = (event: KeyboardEvent) => {
    if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "c") return;
    const column = columns[selection?.cursor.column ?? 0];
    if (event.key === "Enter" && onSort && column) {
      event.preventDefault();
      return onSort(column.name);
    }
    const page = Math.max(1, Math.floor((view.height - headHeight) / rowHeight) - 1);
    const next = moved(event, selection ?? single(0, 0), { rows: rows.total, columns: columns.length, page });
    if (!next) return;
    event.preventDefault();
    onSelect(next);
  };

  const copy = (event: ClipboardEvent) => {
    if (!selection || (getSelection()?.toString() ?? "") !== "") return;
    event.preventDefault();
    const here = selectedHere(rows, selection);
    if (here !== null) event.clipboardData?.setData("text/plain", here);
    else void copySelected(rows, selection);
  };

  return (
    <div
      ref={box}
      class="grid"
      role="grid"
      aria-label={label}
      aria-rowcount={rows.complete ? rows.total + 1 : -1}
      aria-colcount={columns.length}
      aria-multiselectable="true"
      aria-activedescendant={cursor ? `${id}-${cursor.row}-${cursor.column}` : undefined}
      tabIndex={0}
      onKeyDown={press}
      onCopy={copy}
      onScroll={({ currentTarget }) =>
        setView((before) => ({ ...before, top: currentTarget.scrollTop, left: currentTarget.scrollLeft }))
      }
      onFocus={() => !selection && rows.total > 0 && onSelect(single(first, seen.first))}
    >
      <div class="sizer" style={{ width: `${offsets.at(-1) ?? 0}px`, height: `${vertical.height + headHeight}px` }}>
        <GridHead columns={columns} offsets={offsets} seen={seen} sort={sort ?? null} onSort={onSort} />
        <GridBody
          id={id}
          columns={columns}
          offsets={offsets}
          seen={seen}
          rows={rows}
          range={{ first, last }}
          place={(row) => headHeight + vertical.place(row, view.top)}
          selection={selection}
          onSelect={onSelect}
        />
      </div>
    </div>
  );
}
