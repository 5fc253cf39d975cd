import { useState } from "preact/hooks";
import type { PreviewTable } from "../api/types.ts";
import { sentence, splitPath } from "../lib/format.ts";
import { shortName } from "../lib/names.ts";
import { strings } from "../strings.ts";
import { Callout, ProblemNote } from "../ui/Problem.tsx";
import { Select, Wide } from "../ui/parts.tsx";
import { TypeIcon } from "../ui/TypeIcon.tsx";
import { FaultList } from "../upload/FaultList.tsx";
import { Relations } from "./Relations.tsx";
import type { Shown } from "./usePreview.ts";

const words = strings.convert;
/** More columns than anybody reads in a preview; the table itself has all. */
const COLUMNS = 60;

export function PreviewPanel({ shown }: { shown: Shown }) {
  const [chosen, setChosen] = useState<string | null>(null);
  const [wanted, setWanted] = useState<string | null>(null);
  const { busy, problem, faults, warnings } = shown;
  const groups = [...new Set(shown.tables.map(({ group }) => group))];
  const group = groups.find((name) => name === wanted) ?? groups[0];
  const tables = shown.tables.filter((candidate) => candidate.group === group);
  const table = tables.find((candidate) => keyOf(candidate) === chosen) ?? tables[0];
  return (
    <section class="stack wide" aria-labelledby="preview" aria-busy={busy}>
      <div class="row">
        <h2 id="preview">{words.preview}</h2>
        <span class="row muted small grow" role="status">
          {busy && (
            <>
              <span class="spinner" /> {words.previewBusy}
            </>
          )}
        </span>
        {groups.length > 1 && group && (
          <Select
            small
            hidden
            label={words.previewGroup}
            choices={namesOf(groups)}
            value={group}
            onChange={setWanted}
          />
        )}
      </div>
      {problem && problem.faults.length === 0 && <ProblemNote problem={problem} />}
      {problem && problem.faults.length > 0 && <FaultList faults={problem.faults} title={problem.title} />}
      {warnings.map((warning) => (
        <Callout key={warning.code + warning.file} tone="warn" title={words.warnings}>
          <p>{sentence(warning.detail)}</p>
        </Callout>
      ))}
      <Relations
        tables={tables.filter(({ partial }) => !partial)}
        chosen={table && keyOf(table)}
        onChoose={setChosen}
      />
      {table && (
        <div class="card sample" data-busy={busy}>
          {tables.length > TABS ? (
            <div class="sample-choice">
              <Select
                small
                hidden
                label={words.tablesMade}
                choices={Object.fromEntries(tables.map((candidate) => [keyOf(candidate), labelOf(candidate)]))}
                value={keyOf(table)}
                onChange={setChosen}
              />
            </div>
          ) : (
            <fieldset class="tabs" aria-label={words.tablesMade}>
              {tables.map((candidate) => (
                <button
                  key={keyOf(candidate)}
                  type="button"
                  class="tab"
                  aria-pressed={candidate === table}
                  onClick={() => setChosen(keyOf(candidate))}
                >
                  {labelOf(candidate)}
                </button>
              ))}
            </fieldset>
          )}
          <Sample table={table} />
        </div>
      )}
      {faults.length > 0 && <FaultList faults={faults} title={strings.problem.documents(faults.length)} />}
    </section>
  );
}

/** More tables than this are better chosen from a list. */
const TABS = 6;

const namesOf = (names: string[]) => Object.fromEntries(names.map((name) => [name, name]));
const labelOf = (table: PreviewTable) =>
  table.partial ? words.partialName(shortName(table), splitPath(table.partial).name) : shortName(table);
const keyOf = ({ name, partial }: PreviewTable) => (partial ? `${partial}#${name}` : name);

function Sample({ table }: { table: PreviewTable }) {
  const columns = table.columns.slice(0, COLUMNS);
  const hidden = table.columns.length - columns.length;
  return (
    <>
      <p class="row wrap small muted sample-head">
        <code class="truncate" title={table.source_path}>
          {table.source_path}
        </code>
        <span class="number">{words.estimate(table.rows_estimate)}</span>
        <span class="number">{strings.columns(table.columns.length)}</span>
        {table.partial && <span class="badge bad">{words.partOf(table.partial)}</span>}
      </p>
      <Wide kind="sample-rows" label={words.firstRows(table.name)}>
        <table>
          <thead>
            <tr>
              {columns.map((column) => (
                <th
                  key={column.name}
                  scope="col"
                  title={column.source_path || undefined}
                  class={`${column.key ? "key" : ""} ${numeric(column.type) ? "right" : ""}`}
                >
                  <span class="row">
                    <TypeIcon column={column} />
                    {column.name}
                  </span>
                </th>
              ))}
              {hidden > 0 && <th scope="col">+{strings.columns(hidden)}</th>}
            </tr>
          </thead>
          <tbody>
            {table.rows.map((row, at) => (
              <tr key={at}>
                {columns.map((column, place) => (
                  <td key={column.name} class={numeric(column.type) ? "number right" : ""}>
                    {row[place] === null ? <span class="absent">–</span> : <span class="cell">{row[place]}</span>}
                  </td>
                ))}
                {hidden > 0 && <td />}
              </tr>
            ))}
          </tbody>
        </table>
      </Wide>
    </>
  );
}

const numeric = (type: string) => type === "integer" || type === "decimal";
