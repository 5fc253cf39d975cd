import type { Cell, DifferingCell, DifferingRow, TableDifferences } from "../api/types.ts";
import { type Parts, parted, shortened } from "../lib/comparison.ts";
import { to } from "../lib/router.ts";
import { strings } from "../strings.ts";
import { TONES } from "./PairList.tsx";

const words = strings.compare;

/** A row that differs: which it is, and what its cells were and are. */
export function DifferingRowView({ row, pair }: { row: DifferingRow; pair: TableDifferences }) {
  const key = Object.entries(row.key);
  // The key stands beside them.
  const cells = row.cells.filter(({ column }) => !(column in row.key));
  return (
    <li class="difference">
      <div class="which">
        <span class={`badge ${TONES[row.change]}`}>{words.changes[row.change]}</span>
        {key.map(([column, value]) => (
          <span key={column} class="key">
            <span class="muted">{column}</span> <strong>{String(value)}</strong>
          </span>
        ))}
        <span class="small">
          <RowLink table={pair.left} row={row.left_row} />
          {row.change === "changed" && " → "}
          <RowLink table={pair.right} row={row.right_row} />
        </span>
      </div>
      <dl class={`cells ${row.change}`}>
        {cells.map((cell) => (
          <div key={cell.column}>
            <dt class="muted">{cell.column}</dt>
            <Values cell={cell} row={row} />
          </div>
        ))}
      </dl>
    </li>
  );
}

function RowLink({ table, row }: { table: string | null | undefined; row: number | null | undefined }) {
  if (!table || row === null || row === undefined) return null;
  return <a href={to("tables", [table], { row: String(row) })}>{words.row(row)}</a>;
}

function Values({ cell: { left, right }, row: { change } }: { cell: DifferingCell; row: DifferingRow }) {
  const isText = typeof left === "string" && typeof right === "string";
  const parts = isText ? parted(left, right) : undefined;
  return (
    <>
      {change !== "added" && (
        <dd class="before">
          <span class="unseen">{words.before}: </span>
          <Value value={left} parts={parts?.left} />
        </dd>
      )}
      {change !== "removed" && (
        <dd class="after">
          <span class="unseen">{words.after}: </span>
          <Value value={right} parts={parts?.right} />
        </dd>
      )}
    </>
  );
}

/** A value; of a text what is not the same on the other side stands out. */
function Value({ value, parts }: { value: Cell; parts: Parts | undefined }) {
  if (value === null) return <span class="muted">{strings.tablesView.noValue}</span>;
  if (value === "") return <span class="muted">{strings.tablesView.emptyValue}</span>;
  const [start, middle, end] = shortened(parts ?? ["", String(value), ""]);
  return (
    <>
      {start}
      {parts && middle ? <mark>{middle}</mark> : middle}
      {end}
    </>
  );
}
