import { signal } from "@preact/signals";
import { useEffect, useMemo, useState } from "preact/hooks";
import { api, takeCells } from "../api/client.ts";
import { download } from "../api/download.ts";
import { asProblem, Problem, wasAborted } from "../api/problem.ts";
import type { Cell, Column, QueryResult } from "../api/types.ts";
import { HeldRows } from "../lib/pages.ts";
import { go, place, to } from "../lib/router.ts";
import { attempt } from "../state/notices.ts";
import { onForget } from "../state/stores.ts";
import { tables } from "../state/tables.ts";
import { strings } from "../strings.ts";
import { Icon } from "../ui/Icon.tsx";
import { ProblemNote } from "../ui/Problem.tsx";
import { Empty } from "../ui/parts.tsx";
import { CellBar } from "./CellBar.tsx";
import { Grid } from "./Grid.tsx";
import { SqlEditor } from "./SqlEditor.tsx";
import { type Selection, single } from "./selection.ts";

const words = strings.tablesView;

type Query = {
  /** What stands in the editor. */
  sql: string;
  /** What the address brought last, and the version of the tables that it was run on. */
  given: string;
  version: number;
  busy: AbortController | null;
  /** A result, and the statement that it is of. */
  ran: { sql: string; result: QueryResult } | null;
  problem: Problem | null;
};
const NOTHING: Query = { sql: "", given: "", version: 0, busy: null, ran: null, problem: null };

/** The statement, also a half-written one, and its result stay while one looks at other views. */
const query = signal<Query>(NOTHING);
onForget(() => {
  query.value.busy?.abort();
  query.value = NOTHING;
});

async function run(sql: string): Promise<void> {
  query.value.busy?.abort();
  const busy = new AbortController();
  query.value = { ...query.value, busy, problem: null };
  try {
    const body = { sql, format: "json" as const };
    const call = api.POST("/api/tables/query", { body, signal: busy.signal, parseAs: "text" });
    const result = await takeCells<QueryResult>(call);
    if (!busy.signal.aborted) query.value = { ...query.value, busy: null, ran: { sql, result } };
  } catch (thrown) {
    if (!wasAborted(thrown))
      query.value = { ...query.value, busy: null, ran: null, problem: asSaid(asProblem(thrown)) };
  }
}

/** The service calls not allowed also what is only mistyped; its detail tells which it is. */
function asSaid(problem: Problem): Problem {
  const isMistyped = /^(?:no such |near "|ambiguous |misuse of |wrong number of |unrecognized token|incomplete input)/;
  if (problem.code !== "sql_rejected" || !isMistyped.test(problem.detail)) return problem;
  const { code, detail, status, correlationId, faults } = problem;
  return new Problem({ code, title: words.sqlFaulty, detail, status, correlationId, faults });
}

async function exportCsv({ sql, result }: { sql: string; result: QueryResult }): Promise<void> {
  const cut = ({ headers }: Response) => headers.get("x-truncated") === "true";
  const name = (response: Response) => (cut(response) ? words.csvCut(result.rows.length) : words.csvWhole);
  await download("/api/tables/query", name, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ sql, format: "csv" }),
  });
}

/** A statement over the tables, its result, and what became of it. An address may bring both: `#/tables?sql=…&row=2`. */
export function SqlPane() {
  const { sql, busy, ran, problem } = query.value;
  const given = place.value.parameters.get("sql") ?? "";
  const { version } = tables.value;
  useEffect(() => {
    const before = query.value;
    const isOther = given !== before.given;
    query.value = { ...before, given, version, ...(isOther && given !== "" && { sql: given }) };
    // Who comes back finds the statement as it was left, with its result.
    if (given !== "" && (isOther || version !== before.version)) void run(given);
  }, [given, version]);
  // What was run stands in the address, so that one comes back to it.
  const start = () => {
    if (sql.trim() === "") return;
    if (sql === given) void run(sql);
    else go(to("tables", [], { sql }));
  };

  return (
    <>
      <div class="sql-pane">
        <SqlEditor
          value={sql}
          tables={tables.value.items}
          onChange={(next) => {
            query.value = { ...query.value, sql: next };
          }}
          onRun={start}
        />
        <div class="row wrap">
          <button
            type="button"
            class="button primary"
            disabled={sql.trim() === ""}
            aria-disabled={busy !== null}
            onClick={() => busy === null && start()}
          >
            {busy ? <span class="spinner" /> : <Icon name="play" size={16} />}
            {busy ? words.running : words.run}
          </button>
          {ran && !busy && <Ran {...ran} />}
        </div>
      </div>
      {problem && (
        <div class="pane-note">
          <ProblemNote problem={problem} />
        </div>
      )}
      {ran ? (
        <Result result={ran.result} />
      ) : (
        !problem && !busy && <Empty icon="code" title={words.sqlEmpty} detail={words.sqlEmptyDetail} />
      )}
    </>
  );
}

/** What there is of a result, and the file of it. */
function Ran({ sql, result }: { sql: string; result: QueryResult }) {
  const { rows, truncated, elapsed_ms } = result;
  return (
    <>
      <span class="small muted number" role="status">
        {truncated ? words.truncated(rows.length) : strings.rows(rows.length)} · {words.elapsed(elapsed_ms)}
      </span>
      <span class="grow" />
      <button type="button" class="button small" onClick={() => attempt(() => exportCsv({ sql, result }))}>
        <Icon name="download" size={15} />
        {truncated ? words.exportFirst(rows.length) : words.exportCsv}
      </button>
    </>
  );
}

function Result({ result }: { result: QueryResult }) {
  const rows = useMemo(() => new HeldRows(result.rows), [result]);
  const columns = useMemo(() => columnsOf(result), [result]);
  const { parameters } = place.value;
  const row = Number(parameters.get("row") ?? "0");
  const column = Math.max(0, result.columns.indexOf(parameters.get("column") ?? ""));
  const [selection, setSelection] = useState<Selection | null>(null);
  useEffect(() => setSelection(row > 0 && row <= rows.total ? single(row - 1, column) : null), [rows, row, column]);
  if (rows.total === 0) return <Empty icon="search" title={words.noResult} detail={words.noRowsDetail} />;
  return (
    <>
      <Grid
        label={words.results}
        columns={columns}
        rows={rows}
        version={0}
        selection={selection}
        onSelect={setSelection}
      />
      <CellBar columns={columns} rows={rows} selection={selection} />
    </>
  );
}

/** Columns of a result have no types of their own; what their values are is seen. */
function columnsOf({ columns, rows }: QueryResult): Column[] {
  return columns.map((name, at) => {
    const values = rows.map((row) => row[at] ?? null).filter((value) => value !== null);
    return { name, type: typeOf(values), nullable: true, key: false, source_path: "" };
  });
}

function typeOf(values: Cell[]): Column["type"] {
  const areNumbers = values.length > 0 && values.every((value) => typeof value === "number");
  if (!areNumbers) return "text";
  return values.every(Number.isInteger) ? "integer" : "decimal";
}
