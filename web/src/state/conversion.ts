import { computed, signal } from "@preact/signals";
import { api, take } from "../api/client.ts";
import { asProblem, type Problem, wasAborted } from "../api/problem.ts";
import type { ConversionReport, Job } from "../api/types.ts";
import { DEFAULTS, type Options, requestOf, withGroupsOf } from "../lib/options.ts";
import { Pace } from "../lib/pace.ts";
import { isFinal, watchJob } from "./jobs.ts";
import { groups, library } from "./library.ts";
import { onForget } from "./stores.ts";
import { loadTables } from "./tables.ts";

type Conversion = {
  /** Whether the start was asked for and not answered yet. */
  starting: boolean;
  job: Job | null;
  broken: boolean;
  speed: number | undefined;
  left: number | undefined;
  problem: Problem | null;
};

const NOTHING: Conversion = {
  starting: false,
  job: null,
  broken: false,
  speed: undefined,
  left: undefined,
  problem: null,
};

const chosen = signal<Options>(DEFAULTS);
/** What is chosen, as far as it is still there. */
export const options = computed<Options>(() =>
  library.value.state === "known"
    ? withGroupsOf(
        chosen.value,
        groups.value.map(({ name }) => name),
      )
    : chosen.value,
);
/** The options of the last conversion that was asked for here. */
export const lastOptions = signal<Options | null>(null);
export const conversion = signal<Conversion>(NOTHING);
let stop = new AbortController();

onForget(() => {
  stop.abort();
  chosen.value = DEFAULTS;
  lastOptions.value = null;
  conversion.value = NOTHING;
});

export function choose(members: Partial<Options>): void {
  chosen.value = { ...options.value, ...members };
}

export function reportOf(job: Job | null): ConversionReport | null {
  return job?.state === "succeeded" && job.result ? (job.result as ConversionReport) : null;
}

export async function startConversion(): Promise<void> {
  conversion.value = { ...NOTHING, starting: true };
  try {
    const asked = options.value;
    const started = await take(api.POST("/api/convert", { body: requestOf(asked) }));
    lastOptions.value = asked;
    if ("job_id" in started) await follow(started.job_id);
  } catch (thrown) {
    if (!wasAborted(thrown)) conversion.value = { ...conversion.value, starting: false, problem: asProblem(thrown) };
  }
}

export async function cancelConversion(): Promise<void> {
  const id = conversion.value.job?.id;
  if (id) await take(api.DELETE("/api/jobs/{id}", { params: { path: { id } } }));
}

/** Takes up a conversion that was asked for before the page was opened, or shows how the last one ended. */
export async function resumeConversion(jobs: Job[]): Promise<void> {
  try {
    const last = jobs.find((job) => job.kind === "convert");
    if (!last || conversion.value.job) return;
    if (isFinal(last)) conversion.value = { ...NOTHING, job: last };
    else await follow(last.id);
  } catch (thrown) {
    if (!wasAborted(thrown)) conversion.value = { ...conversion.value, problem: asProblem(thrown) };
  }
}

async function follow(id: string): Promise<void> {
  stop.abort();
  stop = new AbortController();
  const pace = new Pace();
  const show = (job: Job) => {
    pace.add(job.progress.bytes_done ?? 0, performance.now());
    const left = pace.left(job.progress.bytes_total ?? 0);
    conversion.value = { starting: false, job, broken: false, speed: pace.speed, left, problem: null };
  };
  const onBroken = (broken: boolean) => {
    conversion.value = { ...conversion.value, starting: false, broken };
  };
  await watchJob(id, { onChange: show, onBroken, signal: stop.signal });
  await loadTables();
}
