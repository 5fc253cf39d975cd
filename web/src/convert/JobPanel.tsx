import { useLayoutEffect, useRef } from "preact/hooks";
import { download } from "../api/download.ts";
import type { Fault } from "../api/problem.ts";
import type { ConversionReport } from "../api/types.ts";
import * as format from "../lib/format.ts";
import { to } from "../lib/router.ts";
import { cancelConversion, conversion, reportOf } from "../state/conversion.ts";
import { isFinal } from "../state/jobs.ts";
import { attempt } from "../state/notices.ts";
import { strings } from "../strings.ts";
import { Icon } from "../ui/Icon.tsx";
import { Callout, ProblemNote } from "../ui/Problem.tsx";
import { Progress } from "../ui/parts.tsx";
import { FaultList } from "../upload/FaultList.tsx";
import { Outdated } from "./Outdated.tsx";

const words = strings.convert;

/** Says how a conversion ended to those who do not see it. */
export function JobStatus() {
  const { job, starting } = conversion.value;
  const report = reportOf(job);
  let said = "";
  if (starting || (job && !isFinal(job))) said = words.running;
  else if (report) said = `${words.done}: ${summary(report)}`;
  else if (job?.state === "cancelled") said = words.cancelled;
  return (
    <p class="unseen" role="status">
      {said}
    </p>
  );
}

/** The conversion that runs, or how the last one ended. */
export function JobPanel() {
  const { job, starting } = conversion.value;
  const panel = useRef<HTMLDivElement>(null);
  const isRunning = starting || (job !== null && !isFinal(job));
  const hadFocus = panel.current?.contains(document.activeElement) ?? false;
  useLayoutEffect(() => {
    if (starting) panel.current?.scrollIntoView({ block: "nearest" });
  }, [starting]);
  useLayoutEffect(() => {
    // The button that cancels goes away with what it cancels.
    if (hadFocus && !panel.current?.contains(document.activeElement)) panel.current?.focus();
  }, [isRunning]);
  return (
    <div class="job" ref={panel} tabIndex={-1}>
      <Content />
    </div>
  );
}

function Content() {
  const { job, problem, starting } = conversion.value;
  if (problem) {
    return problem.faults.length > 0 ? (
      <Faults title={problem.title} faults={problem.faults} />
    ) : (
      <ProblemNote problem={problem} />
    );
  }
  if (starting || (job && !isFinal(job))) return <Running />;
  const report = reportOf(job);
  if (report) return <Ended report={report} />;
  if (job?.state === "cancelled") return <Callout tone="warn" title={words.cancelled} />;
  if (!job?.error) return null;
  return (
    <div class="stack">
      <Callout title={words.failed}>
        <p>{format.sentence(job.error.detail)}</p>
      </Callout>
      {job.error.errors && job.error.errors.length > 0 && (
        <Faults title={strings.problem.documents(job.error.errors.length)} faults={job.error.errors} />
      )}
    </div>
  );
}

function Faults({ title, faults }: { title: string; faults: Fault[] }) {
  return (
    <div class="card padded">
      <FaultList faults={faults} title={title} />
    </div>
  );
}

function Running() {
  const { job, broken, speed, left } = conversion.value;
  const { bytes_done = 0, bytes_total = 0, documents_done = 0, documents_total = 0, rows = 0 } = job?.progress ?? {};
  const queued = !job || job.state === "queued";
  return (
    <section class="card padded stack" aria-labelledby="running" aria-busy="true">
      <div class="row">
        <h2 id="running" class="grow">
          {words.running}
        </h2>
        <button type="button" class="button small" disabled={!job} onClick={() => attempt(cancelConversion)}>
          {strings.cancel}
        </button>
      </div>
      <Progress label={words.running} done={bytes_done} total={queued ? undefined : bytes_total} />
      <p class="row wrap small muted number facts">
        {queued ? (
          <span>{words.queued}</span>
        ) : (
          <>
            <strong>{format.percent(bytes_done, bytes_total)} %</strong>
            <span>{strings.upload.sent(format.bytes(bytes_done), format.bytes(bytes_total))}</span>
            <span>{words.progressDocuments(documents_done, documents_total)}</span>
            <span>{strings.rows(rows)}</span>
            {!broken && speed !== undefined && <span>{strings.upload.speed(format.bytes(speed))}</span>}
            {!broken && left !== undefined && <span>{words.left(format.duration(left))}</span>}
          </>
        )}
      </p>
      {broken && (
        <p class="row small" role="status">
          <span class="spinner" /> {words.reconnecting}
        </p>
      )}
    </section>
  );
}

const summary = ({ tables, rows, documents }: ConversionReport) =>
  words.doneSummary(tables.length, rows, documents.converted);

function Ended({ report }: { report: ConversionReport }) {
  return (
    <section class="card padded stack" aria-labelledby="ended">
      <div class="row wrap">
        <span class="badge good">
          <Icon name="check" size={13} />
          {words.done}
        </span>
        <h2 id="ended" class="grow number">
          {summary(report)}
        </h2>
        <a class="button primary" href={to("tables")}>
          {words.open}
        </a>
        <button type="button" class="button" onClick={() => attempt(() => download("/api/download", "tables.zip"))}>
          <Icon name="download" />
          {words.downloadAll}
        </button>
      </div>
      <Outdated />
      {report.warnings.map((warning) => (
        <Callout key={warning.code + warning.file} tone="warn" title={words.warnings}>
          <p>{format.sentence(warning.detail)}</p>
        </Callout>
      ))}
      {report.errors.length > 0 && <FaultList faults={report.errors} title={words.errors(report.errors.length)} />}
    </section>
  );
}
