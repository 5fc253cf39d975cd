import { signal } from "@preact/signals";
import { useEffect, useMemo, useState } from "preact/hooks";
import { api, takeCells } from "../api/client.ts";
import { download } from "../api/download.ts";
import { asProblem, type Problem, wasAborted } from "../api/problem.ts";
import type { Cell, Column, QueryResult } from "../api/types.ts";
import { HeldRows } from "../lib/pages.ts";
import { place } from "../lib/router.ts";
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
  sql: string;
  busy: AbortController | null;
  result: QueryResult | null;
  /** The statement that the result is of; the other one may have been changed since. */
  ran: string;
  problem: Problem | null;
};
const NOTHING: Query = { sql: "", busy: null, result: null, ran: "", problem: null };

/** The statement and its result stay while one looks at other views. */
const query = signal<Query>(NOTHING);
onForget(() => {
  query.value.busy?.abort();
  query.value = NOTHING;
});

async function run(): Promise<void> {
  query.value.busy?.abort();
  const busy = new AbortController();
  query.value = { ...query.value, busy, problem: null };
  try {
    const { sql } = query.value;
    const body = { sql, format: "json" as const };
    const call = api.POST("/api/tables/query", { body, signal: busy.signal, parseAs: "text" });
    const result = await takeCells<QueryResult>(call);
    query.value = { ...query.value, busy: null, result, ran: sql };
  } catch (thrown) {
    if (!wasAborted(thrown)) query.value = { ...query.value, busy: null, result: null, problem: asProblem(thrown) };
  }
}

/** A statement over the tables, its result, and what became of it. An address may bring both: `#/tables?sql=…&row=2`. */
export function SqlPane() {
  const { sql, busy, result, ran, problem } = query.value;
  const { parameters } = place.value;
  const given = parameters.get("sql") ?? "";
  useEffect(() => {
    if (given === "") return;
    query.value = { ...query.value, sql: given };
    void run();
  }, [given]);

  const exportCsv = () =>
    attempt(() =>
      download("/api/tables/query", "result.csv", {
        method: "POST",
        headers: { "content-type": "application/json" },
        body: JSON.stringify({ sql: ran, format: "csv" }),
      }),
    );

  return (
    <>
      <div class="sql-pane">
        <SqlEditor
          value={sql}
          tables={tables.value.items}
          onChange={(next) => {
            query.value = { ...query.value, sql: next };
          }}
          onRun={run}
        />
        <div class="row wrap">
          <button
            type="button"
            class="button primary"
            disabled={sql.trim() === ""}
            aria-disabled={busy !== null}
            onClick={() => busy === null && run()}
          >
            {busy ? <span class="spinner" /> : <Icon name="play" size={16} />}
            {busy ? words.running : words.run}
          </button>
          {result && !busy && (
            <>
              <span class="small muted number" role="status">
                {result.truncated ? words.truncated(result.rows.length) : strings.rows(result.rows.length)} ·{" "}
                {words.elapsed(result.elapsed_ms)}
              </span>
              <span class="grow" />
              <button type="button" class="button small" onClick={exportCsv}>
                <Icon name="download" size={15} />
                {words.exportCsv}
              </button>
            </>
          )}
        </div>
      </div>
      {problem && (
        <div class="pane-note">
          <ProblemNote problem={problem} />
        </div>
      )}
      {result ? (
        <Result result={result} />
      ) : (
        !problem && !busy && <Empty icon="code" title={words.sqlEmpty} detail={words.sqlEmptyDetail} />
      )}
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
