import { signal } from "@preact/signals";
import { api, takeCells } from "../api/client.ts";
import { asProblem, type Problem, wasAborted } from "../api/problem.ts";
import type { CompareRequest, Comparison } from "../api/types.ts";
import { onForget } from "./stores.ts";
import { tables } from "./tables.ts";

type Comparing = {
  /** What the answer is about: the request, and the conversion. */
  about: string;
  busy: AbortController | null;
  answer: Comparison | null;
  problem: Problem | null;
};

const NOTHING: Comparing = { about: "", busy: null, answer: null, problem: null };

/** One comparison and its answer, which stays while one looks at other views. */
export class Comparer {
  readonly now = signal<Comparing>(NOTHING);

  constructor() {
    onForget(() => this.clear());
  }

  clear(): void {
    this.now.peek().busy?.abort();
    this.now.value = NOTHING;
  }

  /** Ends the work, at the service too. */
  stop(): void {
    this.now.peek().busy?.abort();
    this.now.value = { ...this.now.peek(), busy: null };
  }

  /** Compares, unless this is what was compared last; `again` compares in any case. */
  async compare(body: CompareRequest, again = false): Promise<void> {
    const about = JSON.stringify([body, tables.peek().version]);
    const before = this.now.peek();
    if (before.about === about && !again) return;
    before.busy?.abort();
    const busy = new AbortController();
    this.now.value = { about, busy, answer: null, problem: null };
    const call = api.POST("/api/compare", { body, signal: busy.signal, parseAs: "text" });
    const ended: Partial<Comparing> = await takeCells<Comparison>(call).then(
      (answer) => ({ answer }),
      (thrown) => (wasAborted(thrown) ? {} : { problem: asProblem(thrown) }),
    );
    if (this.now.peek().busy === busy) this.now.value = { ...this.now.peek(), ...ended, busy: null };
  }
}

/** All that the two sides have. */
export const comparison = new Comparer();
/** One pair of tables, by another key or with more rows. */
export const closer = new Comparer();
