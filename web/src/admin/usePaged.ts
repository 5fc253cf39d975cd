import { useEffect, useRef, useState } from "preact/hooks";
import { asProblem, type Problem, wasAborted } from "../api/problem.ts";
import { Listing, type ListPage } from "../lib/listing.ts";

/** Items of a page. */
const LIMIT = 50;

/** What a call of the list is given besides what is sought. */
type PageQuery = { limit: number; cursor?: string };
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
export function usePaged<T>(load: (query: PageQuery) => Promise<ListPage<T>>, key: string, every?: number): Paged<T> {
  const [shown, setShown] = useState<{ key: string; items: T[]; next: string | null; pages: number } | null>(null);
  const [problem, setProblem] = useState<Problem | null>(null);
  const list = useRef<Listing<T> | null>(null);
  /** The list that was begun last: what an older one still answers comes too late. */
  const begun = useRef<Listing<T> | null>(null);
  const follow = async (of: Listing<T>, work: () => Promise<void>) => {
    try {
      await work();
      if (begun.current !== of) return;
      list.current = of;
      setShown({ key, items: of.items, next: of.next, pages: of.pages });
      setProblem(null);
    } catch (thrown) {
      if (begun.current === of && !wasAborted(thrown)) setProblem(asProblem(thrown));
    }
  };
  const begin = () => {
    const anew = new Listing<T>((cursor) => load({ limit: LIMIT, ...(cursor && { cursor }) }));
    begun.current = anew;
    return follow(anew, () => anew.more());
  };
  useEffect(() => {
    void begin();
  }, [key]);
  const isFirst = (shown?.pages ?? 1) === 1;
  useEffect(() => {
    if (!every || !isFirst) return;
    const timer = setInterval(() => {
      const now = begun.current;
      if (document.hidden || !now) return;
      // What could not be had at first is tried again.
      void (now.pages === 0 ? follow(now, () => now.more()) : follow(now, () => now.refresh()));
    }, every);
    return () => clearInterval(timer);
  }, [key, every, isFirst]);
  const more = () => {
    const now = list.current;
    return now ? follow(now, () => now.more()) : Promise.resolve();
  };
  return {
    items: shown?.key === key ? shown.items : [],
    known: shown?.key === key || problem !== null,
    problem,
    more: shown?.next ? more : null,
    reload: begin,
  };
}
