import { api, open, take } from "../api/client.ts";
import { eventsOf } from "../api/events.ts";
import { asProblem, wasAborted } from "../api/problem.ts";
import { pause } from "../api/send.ts";
import type { Job } from "../api/types.ts";

export const isFinal = (job: Job): boolean => ["succeeded", "failed", "cancelled"].includes(job.state);

/** The session's last jobs, newest first. */
export async function recentJobs(): Promise<Job[]> {
  const { items } = await take(api.GET("/api/jobs", { params: { query: { limit: 20 } } }));
  return items as unknown as Job[];
}

/** Milliseconds until the next try, each longer than the one before. */
const PAUSES = [500, 1000, 2000, 4000, 8000];

/** Follows a job to its end, over broken connections. Throws what no further try mends. */
export async function watchJob(
  id: string,
  watch: { onChange: (job: Job) => void; onBroken: (isBroken: boolean) => void; signal: AbortSignal },
): Promise<Job> {
  let failures = 0;
  for (;;) {
    try {
      const response = await open(`/api/jobs/${id}/events`, { signal: watch.signal });
      watch.onBroken(false);
      for await (const event of eventsOf(response)) {
        const job = JSON.parse(event.data) as Job;
        failures = 0;
        watch.onChange(job);
        if (isFinal(job)) return job;
      }
    } catch (thrown) {
      const problem = asProblem(thrown);
      const mends = problem.code === "offline" || problem.status >= 500 || problem.status === 429;
      if (wasAborted(thrown) || !mends) throw thrown;
    }
    watch.onBroken(true);
    await pause(PAUSES[Math.min(failures, PAUSES.length - 1)] ?? 8000, watch.signal);
    failures += 1;
  }
}
