import type { ComponentChildren } from "preact";
import type { Problem } from "../api/problem.ts";
import { strings } from "../strings.ts";
import { Icon } from "./Icon.tsx";

/** What went wrong and what mends it, where it went wrong. */
export function ProblemNote({ problem, onRetry }: { problem: Problem; onRetry?: (() => void) | undefined }) {
  return (
    <Callout title={problem.title}>
      <p>{problem.detail}</p>
      {problem.status >= 500 && problem.correlationId && (
        <p class="small muted">
          {strings.problem.reference} <code>{problem.correlationId}</code>
        </p>
      )}
      {onRetry && (
        <div>
          <button type="button" class="button small" onClick={onRetry}>
            <Icon name="again" size={15} />
            {strings.retry}
          </button>
        </div>
      )}
    </Callout>
  );
}

export function Callout({
  title,
  tone = "bad",
  children,
}: {
  title: string;
  tone?: "bad" | "warn";
  children?: ComponentChildren;
}) {
  return (
    <div class={`callout ${tone}`} role={tone === "bad" ? "alert" : "status"}>
      <Icon name="alert" />
      <strong>{title}</strong>
      {children}
    </div>
  );
}
