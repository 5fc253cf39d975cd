export type Place = { row: number; column: number };
/** A rectangle between where it was begun and where it is now. */
export type Selection = { anchor: Place; cursor: Place };

export function single(row: number, column: number): Selection {
  return { anchor: { row, column }, cursor: { row, column } };
}

export function extended({ anchor }: Selection, row: number, column: number): Selection {
  return { anchor, cursor: { row, column } };
}

export function isWithin(selection: Selection, row: number, column: number): boolean {
  const { top, bottom, left, right } = boundsOf(selection);
  return row >= top && row <= bottom && column >= left && column <= right;
}

/** The rows and columns at its ends. */
export function boundsOf({ anchor, cursor }: Selection): { top: number; bottom: number; left: number; right: number } {
  return {
    top: Math.min(anchor.row, cursor.row),
    bottom: Math.max(anchor.row, cursor.row),
    left: Math.min(anchor.column, cursor.column),
    right: Math.max(anchor.column, cursor.column),
  };
}

/** How many rows and columns a selection has. */
export function sizeOf(selection: Selection): { rows: number; columns: number } {
  const { top, bottom, left, right } = boundsOf(selection);
  return { rows: bottom - top + 1, columns: right - left + 1 };
}

/** The selection after a key; none if the key means nothing here. */
export function moved(
  event: { key: string; ctrlKey: boolean; metaKey: boolean; shiftKey: boolean },
  from: Selection,
  size: { rows: number; columns: number; page: number },
): Selection | null {
  const { row, column } = from.cursor;
  const far = event.ctrlKey || event.metaKey;
  const [lastRow, lastColumn] = [Math.max(0, size.rows - 1), Math.max(0, size.columns - 1)];
  const targets: Record<string, Place> = {
    ArrowDown: { row: far ? lastRow : row + 1, column },
    ArrowUp: { row: far ? 0 : row - 1, column },
    ArrowRight: { row, column: far ? lastColumn : column + 1 },
    ArrowLeft: { row, column: far ? 0 : column - 1 },
    PageDown: { row: row + size.page, column },
    PageUp: { row: row - size.page, column },
    Home: { row: far ? 0 : row, column: 0 },
    End: { row: far ? lastRow : row, column: lastColumn },
  };
  const target = targets[event.key];
  if (!target) return null;
  const to = {
    row: Math.min(lastRow, Math.max(0, target.row)),
    column: Math.min(lastColumn, Math.max(0, target.column)),
  };
  return event.shiftKey ? extended(from, to.row, to.column) : single(to.row, to.column);
}
