import { useEffect, useRef, useState } from "preact/hooks";
import { asProblem, type Problem } from "../api/problem.ts";

/** Items of a page. */
const LIMIT = 50;

/** What a call of the list is given besides what is sought. */
type PageQuery = { limit: number; cursor?: string };
type Page<T> = { items: T[]; next_cursor?: string | null };
export type Paged<T> = {
  items: T[];
  /** Whether the first page has been asked for with success, or in vain. */
  known: boolean;
  problem: Problem | null;
  /** Shows the next page too; null on the last. */
  more: (() => Promise<void>) | null;
  reload: () => Promise<void>;
};

/**
 * A list that is read in pages, anew for another `key`. With `every`, in milliseconds, the first page is read again and again, as long as no
 * further one is shown.
 */
export function usePaged<T>(load: (query: PageQuery) => Promise<Page<T>>, key: string, every?: number): Paged<T> {
  const [state, setState] = useState<{ key: string; items: T[]; next: string | null; pages: number } | null>(null);
  const [problem, setProblem] = useState<Problem | null>(null);
  const wanted = useRef(key);
  wanted.current = key;
  const read = async (cursor: string | null) => {
    try {
      const page = await load({ limit: LIMIT, ...(cursor && { cursor }) });
      // Something else has been asked for meanwhile.
      if (wanted.current !== key) return;
      setState((before) => ({
        key,
        items: [...(cursor && before ? before.items : []), ...page.items],
        next: page.next_cursor ?? null,
        pages: cursor && before ? before.pages + 1 : 1,
      }));
      setProblem(null);
    } catch (thrown) {
      if (wanted.current === key) setProblem(asProblem(thrown));
    }
  };
  useEffect(() => {
    void read(null);
  }, [key]);
  const isFirst = (state?.pages ?? 1) === 1;
  useEffect(() => {
    if (!every || !isFirst) return;
    const timer = setInterval(() => {
      if (!document.hidden) void read(null);
    }, every);
    return () => clearInterval(timer);
  }, [key, every, isFirst]);
  const next = state?.next;
  return {
    items: state?.key === key ? state.items : [],
    known: state?.key === key || problem !== null,
    problem,
    more: next ? () => read(next) : null,
    reload: () => read(null),
  };
}
