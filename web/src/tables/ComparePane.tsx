import type { ComponentChildren } from "preact";
import { useEffect } from "preact/hooks";
import type { Problem } from "../api/problem.ts";
import type { KindOfSides } from "../api/types.ts";
import { type Asked, askedText, differing, pairName, readAsked, requestsOf, shownPair } from "../lib/comparison.ts";
import { go, place, to } from "../lib/router.ts";
import { type Comparer, closer, comparison } from "../state/comparison.ts";
import { library } from "../state/library.ts";
import { tables } from "../state/tables.ts";
import { strings } from "../strings.ts";
import { ProblemNote } from "../ui/Problem.tsx";
import { Empty } from "../ui/parts.tsx";
import { CompareForm } from "./CompareForm.tsx";
import { Differences } from "./Differences.tsx";
import { PairList } from "./PairList.tsx";

const words = strings.compare;

/**
 * Two uploads or two tables, and what differs between them. What is asked for stands in the address:
 * `#/tables?compare=&of=upload&left=spring.xml&right=autumn.xml&table=book`.
 */
export function ComparePane() {
  const asked = readAsked(place.value.parameters);
  const { items, version } = tables.value;
  const { whole, part } = requestsOf(
    asked,
    items.map(({ name }) => name),
  );
  useEffect(() => {
    if (whole) void comparison.compare(whole);
  }, [version, JSON.stringify(whole)]);
  useEffect(() => {
    if (part) void closer.compare(part);
    else closer.clear();
  }, [version, JSON.stringify(part)]);

  const compare = (kind: KindOfSides, left: string, right: string) => {
    const isSame = left === asked.left && right === asked.right && (!asked.kind || kind === asked.kind);
    // The same once more is a wish to see it anew.
    if (whole && isSame) void comparison.compare(whole, true);
    else go(to("tables", [], askedText({ kind, left, right, table: "", key: [], all: false })));
  };
  const show = (members: Partial<Asked>) => go(to("tables", [], askedText({ ...asked, ...members })), "replace");
  return (
    <div class="compare">
      {library.value.state === "known" && (
        <CompareForm key={JSON.stringify([asked.kind, asked.left, asked.right])} asked={asked} onCompare={compare} />
      )}
      {whole ? (
        <Answer asked={asked} isCloser={part !== null} onShow={show} />
      ) : (
        <Empty icon="compare" title={words.emptyTitle} detail={words.emptyDetail} />
      )}
    </div>
  );
}

/** What became of it, and of the pair that is looked at closely. */
function Answer({
  asked,
  isCloser,
  onShow,
}: {
  asked: Asked;
  isCloser: boolean;
  onShow: (members: Partial<Asked>) => void;
}) {
  const { answer, busy, problem } = comparison.now.value;
  const own = closer.now.value;
  const pairs = answer?.tables ?? [];
  const first = shownPair(pairs, asked.table);
  const closely = isCloser ? own.answer?.tables[0] : undefined;
  const shown = closely && first && pairName(closely) === pairName(first) ? closely : first;
  return (
    <>
      <p class={busy ? "row" : "unseen"} role="status">
        {busy ? <Busy comparer={comparison} /> : answer && words.summary(sum(pairs.map(differing)), pairs.length)}
      </p>
      {problem && <Failed problem={problem} asked={asked} onShow={onShow} />}
      {pairs.length > 1 && (
        <PairList
          pairs={pairs.map((pair) => (pair === first && shown ? shown : pair))}
          shown={shown}
          onShow={(table) => onShow({ table, key: [], all: false })}
        />
      )}
      {isCloser && own.problem && <Failed problem={own.problem} asked={asked} onShow={onShow} />}
      {shown && (
        <Differences
          key={pairName(shown)}
          pair={shown}
          isAll={asked.all}
          busy={isCloser && own.busy ? <Busy comparer={closer} /> : null}
          onKey={(key) => onShow({ table: pairName(shown), key })}
          onAll={() => onShow({ table: pairName(shown), all: true })}
        />
      )}
    </>
  );
}

function Busy({ comparer }: { comparer: Comparer }) {
  return (
    <>
      <span class="spinner" />
      <span class="muted">{words.busy}</span>
      <button type="button" class="button small" onClick={() => comparer.stop()}>
        {strings.cancel}
      </button>
    </>
  );
}

function Failed({
  problem,
  asked,
  onShow,
}: {
  problem: Problem;
  asked: Asked;
  onShow: (members: Partial<Asked>) => void;
}) {
  let mends: ComponentChildren = null;
  if (problem.code === "nothing_converted") {
    mends = (
      <a class="button small" href={to("convert")}>
        {strings.tablesView.toConvert}
      </a>
    );
  } else if (asked.key.length > 0) {
    mends = (
      <button type="button" class="button small" onClick={() => onShow({ key: [] })}>
        {words.findKey}
      </button>
    );
  }
  return <ProblemNote problem={problem}>{mends}</ProblemNote>;
}

function sum(numbers: number[]): number {
  return numbers.reduce((all, number) => all + number, 0);
}
