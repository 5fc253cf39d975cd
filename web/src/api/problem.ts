import { strings } from "../strings.ts";

/** One entry of a problem: a document or a member at fault. */
export type Fault = { file: string; line?: number | null; column?: number | null; code: string; detail: string };

/** What went wrong, in the words of the service where it answered, or of this page where it did not. */
export class Problem extends Error {
  readonly code: string;
  readonly title: string;
  readonly detail: string;
  readonly status: number;
  readonly correlationId: string | undefined;
  readonly faults: Fault[];
  /** Seconds after which it may go better. */
  readonly retryAfter: number | undefined;

  constructor(members: {
    code: string;
    title: string;
    detail: string;
    status?: number;
    correlationId?: string | undefined;
    faults?: Fault[];
    retryAfter?: number | undefined;
  }) {
    super(`${members.title}: ${members.detail}`);
    this.code = members.code;
    this.title = members.title;
    this.detail = members.detail;
    this.status = members.status ?? 0;
    this.correlationId = members.correlationId;
    this.faults = members.faults ?? [];
    this.retryAfter = members.retryAfter;
  }

  /** Whether the session is over, so that only signing in again helps. */
  get endsSession(): boolean {
    return this.status === 401 && this.code !== "invalid_credentials";
  }
}

/** The problem of an answer that is not a success; its body may be a problem document, something else, or nothing. */
export function problemOf(status: number, body: unknown, header: (name: string) => string | null): Problem {
  const document = (typeof body === "object" && body !== null ? body : {}) as Record<string, unknown>;
  const text = (name: string) => (typeof document[name] === "string" ? (document[name] as string) : undefined);
  const after = Number(header("retry-after"));
  // An answer that is no problem document comes from something in between: the service itself is not there.
  const away = text("code") === undefined && status >= 500;
  return new Problem({
    code: text("code") ?? (away ? "offline" : "unknown"),
    title: text("title") ?? (away ? strings.problem.offline : strings.problem.unknown),
    detail: text("detail") ?? (away ? strings.problem.offlineDetail : strings.problem.status(status)),
    status,
    correlationId: text("correlation_id") ?? header("x-correlation-id") ?? undefined,
    faults: Array.isArray(document.errors) ? (document.errors as Fault[]) : [],
    retryAfter: Number.isFinite(after) && after > 0 ? after : undefined,
  });
}

/** Anything that was thrown, as a problem. */
export function asProblem(thrown: unknown): Problem {
  if (thrown instanceof Problem) return thrown;
  if (thrown instanceof TypeError) {
    return new Problem({
      code: "offline",
      title: strings.problem.offline,
      detail: strings.problem.offlineDetail,
    });
  }
  return new Problem({
    code: "unknown",
    title: strings.problem.unknown,
    detail: thrown instanceof Error ? thrown.message : String(thrown),
  });
}

/** Whether somebody gave the call up on purpose. */
export function wasAborted(thrown: unknown): boolean {
  return thrown instanceof DOMException && thrown.name === "AbortError";
}
