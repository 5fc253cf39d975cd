import type { Readiness } from "../api/types.ts";
import { strings } from "../strings.ts";

const words = strings.admin;

/** What the service needs, and whether it answers. */
export function Dependencies({ readiness }: { readiness: Readiness }) {
  const tone = readiness.status === "ready" ? "good" : readiness.status === "degraded" ? "warn" : "bad";
  return (
    <section class="card padded stack" aria-labelledby="dependencies">
      <div class="row">
        <h2 id="dependencies" class="grow">
          {words.dependencies}
        </h2>
        <span class={`badge ${tone}`}>{words.statuses[readiness.status] ?? readiness.status}</span>
      </div>
      <ul class="dependencies">
        {readiness.dependencies.map(({ name, state, latency_ms }) => (
          <li key={name} class="row">
            <span class={state === "up" ? "dot good" : "dot bad"} />
            <span class="grow truncate">{words.dependencyNames[name] ?? name}</span>
            <span class="small muted number">{state === "up" ? words.milliseconds(latency_ms) : words.down}</span>
          </li>
        ))}
      </ul>
    </section>
  );
}
