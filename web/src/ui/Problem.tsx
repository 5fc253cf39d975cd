import type { ComponentChildren } from "preact";
import type { Problem } from "../api/problem.ts";
import { sentence } from "../lib/format.ts";
import { strings } from "../strings.ts";
import { Icon } from "./Icon.tsx";

/** What went wrong and what mends it, where it went wrong. */
export function ProblemNote({
  problem,
  onRetry,
  children,
}: {
  problem: Problem;
  onRetry?: (() => void) | undefined;
  /** What mends it, besides another try. */
  children?: ComponentChildren;
}) {
  return (
    <Callout title={problem.title}>
      <p>{sentence(problem.detail)}</p>
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
      {children && <div>{children}</div>}
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
