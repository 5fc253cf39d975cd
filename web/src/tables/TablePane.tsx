import { useEffect, useMemo, useRef, useState } from "preact/hooks";
import { api, takeCells } from "../api/client.ts";
import { asProblem, type Problem } from "../api/problem.ts";
import type { Table } from "../api/types.ts";
import { type Filter, filterText, readFilters, readSort, type Sort, sortText } from "../lib/filters.ts";
import { PagedRows, type RowPage } from "../lib/pages.ts";
import { go, place, to } from "../lib/router.ts";
import { strings } from "../strings.ts";
import { ProblemNote } from "../ui/Problem.tsx";
import { Empty } from "../ui/parts.tsx";
import { CellBar } from "./CellBar.tsx";
import { FilterBar } from "./FilterBar.tsx";
import { Grid } from "./Grid.tsx";
import { type Selection, single } from "./selection.ts";

const words = strings.tablesView;

/** One table with its rows, sorted and filtered by the service. What is chosen stands in the address. */
export function TablePane({ table }: { table: Table }) {
  const { parameters } = place.value;
  const sort = parameters.get("sort") ?? "";
  const filter = parameters.get("filter") ?? "";
  const wanted = Number(parameters.get("row") ?? "0");
  const { rows, version, problem, retry } = useRows(table, sort, filter);
  const [selection, setSelection] = useState<Selection | null>(null);

  // Other rows, or another order of them, make the selection mean others. Who sorts by the keyboard stays in the column.
  useEffect(() => setSelection(wanted > 0 ? single(wanted - 1, 0) : null), [table, filter, wanted]);
  const sorted = useRef(sort);
  useEffect(() => {
    if (sorted.current !== sort) setSelection((before) => before && single(0, before.cursor.column));
    sorted.current = sort;
  }, [sort]);

  const show = (members: { sort?: Sort | null; filters?: Filter[] }) => {
    const next: Record<string, string> = {
      sort: members.sort === undefined ? sort : sortText(members.sort),
      filter: members.filters === undefined ? filter : filterText(members.filters),
    };
    for (const name of Object.keys(next)) if (next[name] === "") delete next[name];
    go(to("tables", [table.name], next), "replace");
  };
  const current = readSort(sort);
  const turn = (column: string) => {
    if (current?.column !== column) show({ sort: { column, descending: false } });
    else show({ sort: current.descending ? null : { column, descending: true } });
  };
  const known = rows.complete || rows.total > 0;
  const isEmpty = rows.complete && rows.total === 0;

  return (
    <>
      <div class="row wrap pane-head">
        <FilterBar
          columns={table.columns}
          column={selection ? table.columns[selection.cursor.column]?.name : undefined}
          filters={readFilters(filter)}
          onChange={(filters) => show({ filters })}
        />
        <span class="small muted number" role="status">
          {filter === "" ? strings.rows(table.rows) : known && words.filtered(rows.total, rows.complete, table.rows)}
        </span>
      </div>
      {problem && <ProblemNote problem={problem} onRetry={retry} />}
      {isEmpty ? (
        <div class="grid-empty">
          <Empty icon="filter" title={words.noRows} detail={words.noRowsDetail}>
            {filter !== "" && (
              <button type="button" class="button" onClick={() => show({ filters: [] })}>
                {words.clearFilters}
              </button>
            )}
          </Empty>
        </div>
      ) : (
        <Grid
          label={words.grid(table.name)}
          columns={table.columns}
          rows={rows}
          version={version}
          sort={current}
          onSort={turn}
          selection={selection}
          onSelect={setSelection}
        />
      )}
      <CellBar columns={table.columns} rows={rows} selection={selection} table={table} />
    </>
  );
}

function useRows(table: Table, sort: string, filter: string) {
  const [version, setVersion] = useState(0);
  const [problem, setProblem] = useState<Problem | null>(null);
  const [tries, setTries] = useState(0);
  // A new try is a new source of rows.
  const rows = useMemo(
    () =>
      new PagedRows({
        total: filter === "" ? table.rows : undefined,
        fetch: async (offset, limit, signal) => {
          // Counting is asked for once: it takes as long as reading the table.
          const counted = filter !== "" && offset === 0 && { count: true };
          const query = { limit, cursor: String(offset), ...(sort && { sort }), ...(filter && { filter }), ...counted };
          const params = { path: { table: table.name }, query };
          return takeCells<RowPage>(api.GET("/api/tables/{table}", { params, signal, parseAs: "text" }));
        },
        onChange: () => {
          setProblem(null);
          setVersion((before) => before + 1);
        },
        onProblem: (thrown) => setProblem(asProblem(thrown)),
      }),
    [table, sort, filter, tries],
  );
  useEffect(() => {
    setProblem(null);
    // Of rows whose number is not known the first are asked for, or nothing would ever be in sight.
    rows.want(0, 0, true);
    return () => rows.close();
  }, [rows]);
  return { rows, version, problem, retry: () => setTries((before) => before + 1) };
}
