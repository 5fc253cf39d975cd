import type { Cell } from "../api/types.ts";

export type RowPage = {
  items: Cell[][];
  next_cursor?: string | null;
  /** How many rows there are, where that was counted; if not complete at least so many. */
  matching?: { rows: number; complete: boolean } | null | undefined;
};
/** Rows from an offset on; the service may give fewer than asked for, and says then that there are more. */
export type FetchRows = (offset: number, limit: number, signal: AbortSignal) => Promise<RowPage>;

/** Rows of one portion. */
const CHUNK = 250;
/** Portions that are kept; those out of sight go first. */
const KEPT = 16;
/** Rows that are asked for at once to be copied: as many as the service gives. */
const COPIED = 1000;
/** Scrolling has to rest so long, in milliseconds, before rows are asked for. */
const REST = 70;

/** Rows of a table of any length, of which only those in sight are fetched and few are kept. */
export class PagedRows {
  /** How many rows there are, as far as is known. */
  total: number;
  /** Whether `total` is the whole. */
  complete: boolean;
  #chunks = new Map<number, Cell[][]>();
  #running = new Map<number, AbortController>();
  #timer: ReturnType<typeof setTimeout> | undefined;
  #closed = new AbortController();
  #fetch: FetchRows;
  #onChange: () => void;
  #onProblem: (thrown: unknown) => void;

  /** `total` is unknown where filters are at work. */
  constructor(given: {
    total: number | undefined;
    fetch: FetchRows;
    onChange: () => void;
    onProblem: (thrown: unknown) => void;
  }) {
    this.complete = given.total !== undefined;
    this.total = given.total ?? 0;
    this.#fetch = given.fetch;
    this.#onChange = given.onChange;
    this.#onProblem = given.onProblem;
  }

  row(index: number): Cell[] | undefined {
    return this.#chunks.get(Math.floor(index / CHUNK))?.[index % CHUNK];
  }

  /** These rows, those at both ends too. What of them is not here is fetched, and not kept. */
  async between(first: number, last: number): Promise<Cell[][]> {
    const rows: Cell[][] = [];
    for (let at = first; at <= last; at = first + rows.length) {
      const here = this.row(at);
      if (here) {
        rows.push(here);
        continue;
      }
      const page = await this.#fetch(at, Math.min(COPIED, last - at + 1), this.#closed.signal);
      if (page.items.length === 0) break;
      rows.push(...page.items);
    }
    return rows;
  }

  /** Says which rows are in sight. */
  want(first: number, last: number, atOnce = false): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#load(first, last), atOnce ? 0 : REST);
  }

  close(): void {
    clearTimeout(this.#timer);
    this.#closed.abort();
    for (const running of this.#running.values()) running.abort();
    this.#running.clear();
  }

  #load(first: number, last: number): void {
    const from = Math.floor(Math.max(0, first) / CHUNK);
    const to = Math.floor(Math.max(0, last) / CHUNK);
    for (const [number, running] of this.#running) {
      if (number < from || number > to) {
        running.abort();
        this.#running.delete(number);
      }
    }
    for (let number = from; number <= to; number += 1) {
      const beyond = this.complete && number * CHUNK >= this.total && number > 0;
      const kept = this.#chunks.get(number);
      if (kept) {
        // The last used is the last to go.
        this.#chunks.delete(number);
        this.#chunks.set(number, kept);
      } else if (!beyond && !this.#running.has(number)) void this.#fill(number);
    }
  }

  async #fill(number: number): Promise<void> {
    const stop = new AbortController();
    this.#running.set(number, stop);
    try {
      const rows: Cell[][] = [];
      let more = true;
      while (more && rows.length < CHUNK) {
        const page = await this.#fetch(number * CHUNK + rows.length, CHUNK - rows.length, stop.signal);
        if (page.matching) this.#counted(page.matching);
        rows.push(...page.items);
        more = Boolean(page.next_cursor) && page.items.length > 0;
      }
      this.#running.delete(number);
      this.#keep(number, rows);
      this.#count(number * CHUNK + rows.length, more);
      this.#onChange();
    } catch (thrown) {
      if (stop.signal.aborted) return;
      this.#running.delete(number);
      this.#onProblem(thrown);
    }
  }

  #keep(number: number, rows: Cell[][]): void {
    this.#chunks.set(number, rows);
    for (const oldest of this.#chunks.keys()) {
      if (this.#chunks.size <= KEPT) break;
      this.#chunks.delete(oldest);
    }
  }

  #counted({ rows, complete }: { rows: number; complete: boolean }): void {
    if (this.complete) return;
    this.total = Math.max(this.total, rows);
    this.complete = complete;
  }

  #count(seen: number, more: boolean): void {
    if (this.complete) return;
    this.total = Math.max(this.total, more ? seen + CHUNK : seen);
    if (!more) {
      this.total = seen;
      this.complete = true;
    }
  }
}

/** Rows that are all here, in the same manner. */
export class HeldRows {
  readonly total: number;
  readonly complete = true;
  #rows: Cell[][];

  constructor(rows: Cell[][]) {
    this.#rows = rows;
    this.total = rows.length;
  }

  row(index: number): Cell[] | undefined {
    return this.#rows[index];
  }

  async between(first: number, last: number): Promise<Cell[][]> {
    return this.#rows.slice(first, last + 1);
  }

  want(): void {}
  close(): void {}
}

export type Rows = PagedRows | HeldRows;
