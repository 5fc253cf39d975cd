import type { Change, TableDifferences } from "../api/types.ts";
import { differing, pairName } from "../lib/comparison.ts";
import { count } from "../lib/format.ts";
import { strings } from "../strings.ts";

const words = strings.compare;
export const CHANGES: Change[] = ["removed", "added", "changed"];
export const TONES: Record<Change, string> = { removed: "bad", added: "good", changed: "warn" };

/** The pairs of tables with how much differs in each. */
export function PairList({
  pairs,
  shown,
  onShow,
}: {
  pairs: TableDifferences[];
  shown: TableDifferences | undefined;
  onShow: (name: string) => void;
}) {
  return (
    <section class="stack" aria-labelledby="pairs">
      <h2 id="pairs">{words.tables}</h2>
      <ul class="card lines pairs">
        {pairs.map((pair) => (
          <li key={pairName(pair)}>
            <button type="button" aria-pressed={pair === shown} onClick={() => onShow(pairName(pair))}>
              <strong class="truncate">{titleOf(pair)}</strong>
              <span class="row wrap counts">
                {CHANGES.filter((change) => pair[change] > 0).map((change) => (
                  <span key={change} class={`badge ${TONES[change]}`}>
                    {words.counts[change](pair[change])}
                  </span>
                ))}
                {differing(pair) === 0 && <span class="small muted">{words.same}</span>}
              </span>
              <span class="small muted number wide-only">{words.unchanged(count(pair.unchanged))}</span>
            </button>
          </li>
        ))}
      </ul>
    </section>
  );
}

/** The names of both tables, of which one may not be there. */
export function titleOf({ left, right }: TableDifferences): string {
  if (left && right) return left === right ? left : `${left} → ${right}`;
  return left ? words.onlyBefore(left) : words.onlyAfter(right ?? "");
}
