import type { ComponentChildren } from "preact";
import { useState } from "preact/hooks";
import { save } from "../api/download.ts";
import type { Change, DifferingRow, TableDifferences } from "../api/types.ts";
import { differing, linesOf, rowsOf, TOLD } from "../lib/comparison.ts";
import { commaSeparated } from "../lib/copy.ts";
import { count } from "../lib/format.ts";
import { strings } from "../strings.ts";
import { Icon } from "../ui/Icon.tsx";
import { DifferingRowView } from "./DifferingRowView.tsx";
import { KeyChoice } from "./KeyChoice.tsx";
import { CHANGES, TONES, titleOf } from "./PairList.tsx";

const words = strings.compare;
/** Rows that are drawn at once. */
const DRAWN = 100;

/** What differs between two tables: how much, by what rows are told apart, and the rows themselves. */
export function Differences({
  pair,
  isAll,
  busy,
  onKey,
  onAll,
}: {
  pair: TableDifferences;
  /** Whether as many rows were asked for as are told at most. */
  isAll: boolean;
  /** In the place of the rows while they are looked for. */
  busy: ComponentChildren;
  onKey: (key: string[]) => void;
  onAll: () => void;
}) {
  const [kinds, setKinds] = useState<ReadonlySet<Change>>(new Set(CHANGES));
  const [drawn, setDrawn] = useState(DRAWN);
  const [choosing, setChoosing] = useState(false);
  const all = differing(pair);
  const rows = rowsOf(pair.rows, kinds);
  const turn = (change: Change) => {
    const next = new Set(kinds);
    if (!next.delete(change)) next.add(change);
    setKinds(next);
  };
  const key = pair.key.join(", ");
  return (
    <section class="stack" aria-labelledby="differences">
      <h2 id="differences">{titleOf(pair)}</h2>
      <div class="row wrap">
        {/* biome-ignore lint/a11y/useSemanticElements: a fieldset would be one more line around them. */}
        <div class="row wrap" role="group" aria-label={words.kinds}>
          {CHANGES.map((change) => (
            <button
              key={change}
              type="button"
              class={`kind ${TONES[change]}`}
              aria-pressed={kinds.has(change)}
              disabled={pair[change] === 0}
              onClick={() => turn(change)}
            >
              {words.counts[change](pair[change])}
            </button>
          ))}
        </div>
        <span class="small muted number grow">{words.unchanged(count(pair.unchanged))}</span>
        {rows.length > 0 && !busy && (
          <button type="button" class="button small" onClick={() => save(csvOf(rows), `${titleOf(pair)}.csv`)}>
            <Icon name="download" size={15} />
            {words.exportRows(rows.length)}
          </button>
        )}
      </div>
      <div class="row wrap small muted">
        <span>{words.matched[pair.matched_by](key)}</span>
        {pair.left && pair.right && (
          <button type="button" class="button small" onClick={() => setChoosing(true)}>
            <Icon name="key" size={15} />
            {words.chooseKey}
          </button>
        )}
      </div>
      <OnlyThere columns={pair.columns_only_left} says={words.columnsOnlyBefore} />
      <OnlyThere columns={pair.columns_only_right} says={words.columnsOnlyAfter} />
      {busy ? (
        <p class="row" role="status">
          {busy}
        </p>
      ) : (
        <>
          {all === 0 && <p class="muted">{words.nothingDiffers}</p>}
          {pair.truncated && <p class="small muted">{words.truncated(pair.rows.length, all)}</p>}
          {all > 0 && rows.length === 0 && <p class="muted">{words.noneOfKind}</p>}
          <ul class="card differences">
            {rows.slice(0, drawn).map((row, at) => (
              <DifferingRowView key={at} row={row} pair={pair} />
            ))}
          </ul>
          {rows.length > drawn ? (
            <button type="button" class="button" onClick={() => setDrawn(drawn + DRAWN)}>
              {strings.more}
            </button>
          ) : (
            pair.truncated &&
            !isAll && (
              <button type="button" class="button" onClick={onAll}>
                {words.tellMore(Math.min(TOLD.most, all))}
              </button>
            )
          )}
        </>
      )}
      {choosing && <KeyChoice pair={pair} onChoose={onKey} onClose={() => setChoosing(false)} />}
    </section>
  );
}

const csvOf = (rows: DifferingRow[]) => new Blob([commaSeparated(linesOf(rows))], { type: "text/csv" });

function OnlyThere({ columns, says }: { columns: string[]; says: (names: string) => string }) {
  return columns.length > 0 ? <p class="small muted">{says(columns.join(", "))}</p> : null;
}
