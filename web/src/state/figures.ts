import { signal } from "@preact/signals";
import { api, open, take } from "../api/client.ts";
import { asProblem, type Problem, wasAborted } from "../api/problem.ts";
import type { Readiness } from "../api/types.ts";
import { type Figures, figuresOf } from "../lib/prometheus.ts";
import { onForget } from "./stores.ts";

type Watched = {
  /** The last looks, oldest first. */
  looks: { at: number; figures: Figures }[];
  readiness: Readiness | null;
  problem: Problem | null;
};

const NOTHING: Watched = { looks: [], readiness: null, problem: null };
const KEPT = 60;

export const watched = signal<Watched>(NOTHING);
onForget(() => {
  watched.value = NOTHING;
});

/** Looks at the service's figures once; what was seen before is kept for the course of things. */
export async function look(): Promise<void> {
  try {
    const [text, readiness] = await Promise.all([
      open("/api/metrics").then((response) => response.text()),
      // Not ready is an answer too, and the one that is wanted most.
      api.GET("/api/ready").then(({ data, error }) => (data ?? error) as Readiness),
    ]);
    const looks = [...watched.value.looks, { at: Date.now(), figures: figuresOf(text) }].slice(-KEPT);
    watched.value = { looks, readiness, problem: null };
  } catch (thrown) {
    if (wasAborted(thrown)) return;
    watched.value = { ...watched.value, problem: asProblem(thrown) };
  }
}

export async function flush(): Promise<{ flushed: number; remaining: number }> {
  return take(api.POST("/api/admin/flush"));
}

export async function cleanUp() {
  return take(api.POST("/api/admin/cleanup"));
}
