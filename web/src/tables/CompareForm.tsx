import { useMemo, useState } from "preact/hooks";
import type { KindOfSides as Kind } from "../api/types.ts";
import type { Asked } from "../lib/comparison.ts";
import { groups, library } from "../state/library.ts";
import { tables } from "../state/tables.ts";
import { strings } from "../strings.ts";
import { Icon } from "../ui/Icon.tsx";
import { Select } from "../ui/parts.tsx";
import { Sought } from "../ui/Sought.tsx";

const words = strings.compare;
/** More of them are looked for by their names rather than chosen from a list. */
const MANY = 2000;

/** Two things of one kind, of which one was before the other. */
export function CompareForm({
  asked: { kind: asked, left, right },
  onCompare,
}: {
  asked: Pick<Asked, "kind" | "left" | "right">;
  onCompare: (kind: Kind, left: string, right: string) => void;
}) {
  const offers = useMemo(offersOf, [tables.value, library.value]);
  const kinds = (Object.keys(offers) as Kind[]).filter((kind) => offers[kind].length > 1 || kind === "table");
  const kindNames = Object.fromEntries(kinds.map((kind) => [kind, words.kindsOfSides[kind]])) as Record<Kind, string>;
  const given = kinds.find((kind) => asked === kind || (!asked && has(offers[kind], left, right)));
  const [kind, setKind] = useState<Kind>(given ?? kinds[0] ?? "table");
  const [sides, setSides] = useState(() => sidesOf(offers[kind], left, right));
  const choose = (next: Kind) => {
    setKind(next);
    setSides(sidesOf(offers[next], "", ""));
  };
  const choices = offers[kind];
  const isReady = sides[0] !== sides[1] && sides.every((side) => choices.includes(side));
  return (
    <form
      class="compare-form"
      onSubmit={(event) => {
        event.preventDefault();
        if (isReady) onCompare(kind, ...sides);
      }}
    >
      <Select label={words.kind} choices={kindNames} value={kind} onChange={choose} />
      <Side label={words.before} choices={choices} value={sides[0]} onChange={(left) => setSides([left, sides[1]])} />
      <button
        type="button"
        class="button icon"
        aria-label={words.swap}
        title={words.swap}
        onClick={() => setSides([sides[1], sides[0]])}
      >
        <Icon name="convert" size={17} />
      </button>
      <Side label={words.after} choices={choices} value={sides[1]} onChange={(right) => setSides([sides[0], right])} />
      <button type="submit" class="button primary" disabled={!isReady}>
        {words.compare}
      </button>
    </form>
  );
}

function Side(given: { label: string; choices: string[]; value: string; onChange: (value: string) => void }) {
  if (given.choices.length > MANY) return <Sought {...given} />;
  return <Select {...given} choices={Object.fromEntries(given.choices.map((name) => [name, name]))} />;
}

/** The names of what can be compared with another of its kind. */
function offersOf(): Record<Kind, string[]> {
  const { files, documents } = library.value;
  const byAge = [...files].sort((one, other) => one.modified_at.localeCompare(other.modified_at));
  return {
    upload: byAge.map(({ path }) => path),
    document: documents.filter(({ error }) => !error).map(({ path }) => path),
    group: groups.value.map(({ name }) => name),
    table: tables.value.items.map(({ name }) => name),
  };
}

function has(choices: string[], ...sides: string[]): boolean {
  return sides.some((side) => choices.includes(side));
}

/** The sides that are given, if they are there, else the last two. */
function sidesOf(choices: string[], left: string, right: string): [string, string] {
  const [before = "", after = ""] = choices.length > 1 ? choices.slice(-2) : [choices[0], choices[0]];
  const given = (side: string) => choices.includes(side);
  if (given(left) && given(right)) return [left, right];
  if (given(left)) return [left, choices.find((name) => name !== left) ?? left];
  if (given(right)) return [choices.find((name) => name !== right) ?? right, right];
  return [before, after];
}
