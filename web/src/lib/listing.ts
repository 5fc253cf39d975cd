export type ListPage<T> = { items: T[]; next_cursor?: string | null };

/** A list that is read in pages, one at a time. For another beginning a new one is made. */
export class Listing<T> {
  items: T[] = [];
  /** Where the next page begins; null behind the last, and before the first. */
  next: string | null = null;
  /** Pages that it has. */
  pages = 0;
  #load: (cursor: string | null) => Promise<ListPage<T>>;
  #reading: Promise<void> | null = null;
  #refreshing = false;

  constructor(load: (cursor: string | null) => Promise<ListPage<T>>) {
    this.#load = load;
  }

  /** Reads the first page, or one more. Asked for again meanwhile it is still the same page. */
  more(): Promise<void> {
    this.#reading ??= this.#read().finally(() => {
      this.#reading = null;
    });
    return this.#reading;
  }

  /** Reads the first page once more, unless there are further ones by then: those who read on are not taken back. */
  async refresh(): Promise<void> {
    if (this.#refreshing || !this.#isFirst()) return;
    this.#refreshing = true;
    try {
      const page = await this.#load(null);
      if (!this.#isFirst()) return;
      this.items = page.items;
      this.next = page.next_cursor ?? null;
    } finally {
      this.#refreshing = false;
    }
  }

  async #read(): Promise<void> {
    const page = await this.#load(this.next);
    this.items = [...this.items, ...page.items];
    this.next = page.next_cursor ?? null;
    this.pages += 1;
  }

  #isFirst(): boolean {
    return this.pages === 1 && this.#reading === null;
  }
}
