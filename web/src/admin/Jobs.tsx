import { useState } from "preact/hooks";
import { api, take } from "../api/client.ts";
import type { AnyJob } from "../api/types.ts";
import * as format from "../lib/format.ts";
import { strings } from "../strings.ts";
import { Progress } from "../ui/parts.tsx";
import { head, headOfNumbers, ListOf } from "./ListOf.tsx";
import { useConfirmation } from "./useConfirmation.tsx";
import { usePaged } from "./usePaged.ts";

const words = strings.admin;
const EVERY = 5_000;
const COLUMNS = [
  ...[words.who, words.kind, words.state, words.progress].map(head),
  headOfNumbers(words.attempt),
  head(words.asked),
  headOfNumbers(words.took),
  head(""),
];
const TONES: Record<string, string> = { succeeded: "good", failed: "bad", cancelled: "warn" };

/** What is worked on for everybody, and how it went. */
export function Jobs() {
  const [state, setState] = useState("");
  const list = usePaged<AnyJob>(
    (page) => {
      const query = { ...page, ...(state && { state: state as AnyJob["state"] }) };
      return take(api.GET("/api/admin/jobs", { params: { query } }));
    },
    state,
    EVERY,
  );
  const said = {
    title: () => words.cancelTitle,
    detail: ({ username }: AnyJob) => words.cancelDetail(username),
    submit: words.cancelJob,
    done: ({ username }: AnyJob) => words.jobCancelled(username),
  };
  const [ask, question] = useConfirmation(list, said, ({ id }) =>
    take(api.DELETE("/api/admin/jobs/{id}", { params: { path: { id } } })),
  );
  return (
    <>
      <ListOf
        id="jobs"
        title={words.jobs}
        list={list}
        columns={COLUMNS}
        none={{ icon: "convert", title: words.noJobsTitle, detail: words.noJobsDetail }}
        choice={{
          label: words.stateFilter,
          choices: { "": words.allStates, ...words.jobStates },
          value: state,
          onChange: setState,
        }}
      >
        {(job) => <Line key={job.id} job={job} onCancel={ask} />}
      </ListOf>
      {question}
    </>
  );
}

function Line({ job, onCancel }: { job: AnyJob; onCancel: (job: AnyJob) => void }) {
  const isOpen = job.state === "queued" || job.state === "running";
  const began = job.started_at ? Date.parse(job.started_at) : null;
  const ended = job.finished_at ? Date.parse(job.finished_at) : Date.now();
  return (
    <tr>
      <th scope="row">{job.username}</th>
      <td>{words.jobKinds[job.kind] ?? job.kind}</td>
      <td class="about">
        <span class={`badge ${TONES[job.state] ?? ""}`}>{words.jobStates[job.state] ?? job.state}</span>
        {job.error && (
          <p class="small muted">
            {job.error.detail} <code>{job.error.code}</code>
            {job.error.documents > 0 && ` · ${strings.problem.documents(job.error.documents)}`}
          </p>
        )}
      </td>
      <td class="number">
        <Far job={job} />
      </td>
      <td class="number right">{format.count(job.attempt)}</td>
      <td class="number">{format.when(job.created_at)}</td>
      <td class="number right">{began === null ? "–" : format.duration((ended - began) / 1000)}</td>
      <td class="right">
        {isOpen && (
          <button
            type="button"
            class="button small"
            aria-label={words.cancelOf(job.username)}
            onClick={() => onCancel(job)}
          >
            {strings.cancel}
          </button>
        )}
      </td>
    </tr>
  );
}

/** How far a job is: of what is known in bytes a bar, and the rows. */
function Far({ job }: { job: AnyJob }) {
  const { bytes_done = 0, bytes_total = 0, rows = 0 } = job.progress;
  return (
    <>
      {job.state === "running" && bytes_total > 0 && (
        <Progress label={words.progress} done={bytes_done} total={bytes_total} />
      )}
      <span class="small muted">
        {bytes_total > 0 &&
          (bytes_done < bytes_total
            ? strings.upload.sent(format.bytes(bytes_done), format.bytes(bytes_total))
            : format.bytes(bytes_total))}
        {bytes_total > 0 && rows > 0 && " · "}
        {rows > 0 && strings.rows(rows)}
        {bytes_total === 0 && rows === 0 && "–"}
      </span>
    </>
  );
}
