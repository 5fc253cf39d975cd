import * as format from "../lib/format.ts";
import { cancelTransfer, clearTransfers, resumeTransfer, type Transfer, transfers } from "../state/uploads.ts";
import { strings } from "../strings.ts";
import { Icon } from "../ui/Icon.tsx";
import { ProblemNote } from "../ui/Problem.tsx";
import { Progress } from "../ui/parts.tsx";
import { FaultList } from "./FaultList.tsx";

const words = strings.upload;

export function Transfers() {
  const all = transfers.value;
  if (all.length === 0) return null;
  const over = all.some(({ phase }) => phase !== "waiting" && phase !== "sending" && phase !== "reading");
  return (
    <section class="stack" aria-labelledby="transfers">
      <div class="row">
        <h2 id="transfers" class="grow">
          {words.transfers}
        </h2>
        {over && (
          <button type="button" class="button quiet small" onClick={clearTransfers}>
            {words.clear}
          </button>
        )}
      </div>
      <ul class="stack">
        {all.map((transfer) => (
          <Row key={transfer.id} transfer={transfer} />
        ))}
      </ul>
    </section>
  );
}

function Row({ transfer }: { transfer: Transfer }) {
  const { phase, report, problem } = transfer;
  const name = nameOf(transfer);
  const moves = phase === "waiting" || phase === "sending" || phase === "reading";
  const faults = report?.rejected ?? problem?.faults ?? [];
  return (
    <li class="card padded stack transfer" aria-busy={moves}>
      <div class="row">
        <Icon name={transfer.files.length > 1 ? "folder" : /\.zip$/i.test(name) ? "archive" : "file"} />
        <strong class="truncate grow" title={name}>
          {name}
        </strong>
        <Status transfer={transfer} />
        {moves && (
          <button type="button" class="button small" onClick={() => cancelTransfer(transfer.id)}>
            {strings.cancel}
          </button>
        )}
        {phase === "failed" && faults.length === 0 && (
          <button type="button" class="button small" onClick={() => resumeTransfer(transfer.id)}>
            {transfer.kind === "ticket" ? words.resume : strings.retry}
          </button>
        )}
      </div>
      {moves && (
        <>
          <Progress label={name} done={transfer.sent} total={phase === "sending" ? transfer.bytes : undefined} />
          <p class="row small muted number">
            <span class="grow" aria-live="polite">
              {phase === "waiting" && words.waiting}
              {phase === "reading" && words.reading(transfer.found)}
              {phase === "sending" && words.sent(format.bytes(transfer.sent), format.bytes(transfer.bytes))}
            </span>
            {phase === "sending" && transfer.speed !== undefined && (
              <span>{words.speed(format.bytes(transfer.speed))}</span>
            )}
            {phase === "sending" && transfer.left !== undefined && (
              <span>{words.left(format.duration(transfer.left))}</span>
            )}
          </p>
        </>
      )}
      {problem && faults.length === 0 && <ProblemNote problem={problem} />}
      {faults.length > 0 && (
        <FaultList
          faults={faults}
          locals={transfer.files}
          title={problem ? problem.title : words.rejected(faults.length)}
        />
      )}
    </li>
  );
}

function Status({ transfer }: { transfer: Transfer }) {
  if (transfer.phase === "cancelled") return <span class="badge">{words.cancelled}</span>;
  if (transfer.phase !== "done" || !transfer.report) return null;
  return (
    <span class="badge good">
      <Icon name="check" size={13} />
      {words.found(transfer.report.documents)}
    </span>
  );
}

function nameOf({ files }: Transfer): string {
  const [first] = files;
  return files.length === 1 && first ? first.name : words.batch(files.length);
}
