import type { Cell } from "../api/types.ts";

/** Browsers draw nothing further down than this many pixels; Firefox is the strictest. */
export const TALLEST = 15_000_000;

/** Where rows stand while a scroll bar is somewhere: beyond the tallest drawing it moves faster than the rows. */
export class Vertical {
  readonly height: number;
  #rows: number;
  #rowHeight: number;
  #view: number;
  #factor: number;

  constructor(rows: number, rowHeight: number, view: number) {
    const full = rows * rowHeight;
    this.height = Math.min(full, TALLEST);
    this.#rows = rows;
    this.#rowHeight = rowHeight;
    this.#view = view;
    this.#factor = this.height > view ? Math.max(1, (full - view) / (this.height - view)) : 1;
  }

  /** The rows in sight, with one more on either side. */
  range(scroll: number): { first: number; last: number } {
    const top = scroll * this.#factor;
    const first = Math.max(0, Math.floor(top / this.#rowHeight) - 1);
    const last = Math.min(this.#rows - 1, Math.ceil((top + this.#view) / this.#rowHeight) + 1);
    return { first, last };
  }

  /** Where a row is drawn, below the top of the whole. */
  place(row: number, scroll: number): number {
    return Math.round(scroll + row * this.#rowHeight - scroll * this.#factor);
  }

  /** How far to scroll so that a row is in sight; as it is, if it is. */
  reveal(row: number, scroll: number): number {
    const top = row * this.#rowHeight;
    const seen = scroll * this.#factor;
    if (top < seen) return top / this.#factor;
    const below = top + this.#rowHeight - this.#view;
    return below > seen ? Math.ceil(below / this.#factor) : scroll;
  }

  /** How far to scroll so that a row is in the middle. */
  center(row: number): number {
    return Math.max(0, (row * this.#rowHeight - this.#view / 2) / this.#factor);
  }
}

const CHARACTER = 8;
const PADDING = 26;
const NARROWEST = 76;
const WIDEST = 340;

/** Widths of columns in pixels, by their names and some of their values. */
export function widthsOf(columns: string[], sample: Cell[][], scale = 1): number[] {
  return columns.map((name, at) => {
    const lengths = sample.map((row) => String(row[at] ?? "").length).sort((a, b) => a - b);
    const usual = lengths[Math.floor(lengths.length * 0.9)] ?? 0;
    const wanted = Math.max(name.length * CHARACTER + PADDING + 40, usual * CHARACTER + PADDING);
    return Math.round(Math.min(WIDEST, Math.max(NARROWEST, wanted)) * scale);
  });
}

/** Where each column begins, and last the width of all. */
export function offsetsOf(widths: number[]): number[] {
  const offsets = [0];
  for (const width of widths) offsets.push((offsets.at(-1) ?? 0) + width);
  return offsets;
}

/** The columns between two places. */
export function columnsBetween(offsets: number[], from: number, to: number): { first: number; last: number } {
  const last = offsets.length - 2;
  let low = 0;
  let high = last;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((offsets[middle + 1] ?? 0) <= from) low = middle + 1;
    else high = middle;
  }
  let end = low;
  while (end < last && (offsets[end + 1] ?? 0) < to) end += 1;
  return { first: Math.max(0, low), last: end };
}
