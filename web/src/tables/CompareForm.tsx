import { useState } from "preact/hooks";
import { groups, library } from "../state/library.ts";
import { tables } from "../state/tables.ts";
import { strings } from "../strings.ts";
import { Icon } from "../ui/Icon.tsx";
import { Select } from "../ui/parts.tsx";

const words = strings.compare;
type Kind = keyof typeof words.kindsOfSides;
/** What one is asked for by, and what it is called. */
type Choice = [id: string, name: string];
/** More of them are not put into a list to choose from. */
const MANY = 2000;

/** Two things of one kind, of which one was before the other. */
export function CompareForm({
  left,
  right,
  onCompare,
}: {
  left: string;
  right: string;
  onCompare: (left: string, right: string) => void;
}) {
  const offers = offersOf();
  const kinds = (Object.keys(offers) as Kind[]).filter((kind) => offers[kind].length > 1 || kind === "table");
  const kindNames = Object.fromEntries(kinds.map((kind) => [kind, words.kindsOfSides[kind]])) as Record<Kind, string>;
  const given = kinds.find((kind) => [left, right].some((side) => offers[kind].some(([id]) => id === side)));
  const [kind, setKind] = useState<Kind>(given ?? kinds[0] ?? "table");
  const [sides, setSides] = useState(() => sidesOf(offers[kind], left, right));
  const choose = (next: Kind) => {
    setKind(next);
    setSides(sidesOf(offers[next], "", ""));
  };
  const choices = Object.fromEntries(offers[kind]);
  return (
    <form
      class="compare-form"
      onSubmit={(event) => {
        event.preventDefault();
        onCompare(...sides);
      }}
    >
      <Select label={words.kind} choices={kindNames} value={kind} onChange={choose} />
      <Select label={words.before} choices={choices} value={sides[0]} onChange={(left) => setSides([left, sides[1]])} />
      <button
        type="button"
        class="button icon"
        aria-label={words.swap}
        title={words.swap}
        onClick={() => setSides([sides[1], sides[0]])}
      >
        <Icon name="convert" size={17} />
      </button>
      <Select
        label={words.after}
        choices={choices}
        value={sides[1]}
        onChange={(right) => setSides([sides[0], right])}
      />
      <button type="submit" class="button primary" disabled={sides[0] === sides[1]}>
        {words.compare}
      </button>
    </form>
  );
}

/** What can be compared with another of its kind. */
function offersOf(): Record<Kind, Choice[]> {
  const names = new Set(tables.value.items.map(({ name }) => name.toLowerCase()));
  // A name that a table has as well means the table.
  const notTables = (choices: Choice[]) => choices.filter(([id]) => !names.has(id.toLowerCase()));
  const { files, documents } = library.value;
  const byAge = [...files].sort((one, other) => one.modified_at.localeCompare(other.modified_at));
  const sound = documents.filter(({ error }) => !error);
  return {
    upload: notTables(byAge.map(({ path }) => [path, path])),
    document: sound.length <= MANY ? notTables(sound.map(({ path }) => [path, path])) : [],
    group: notTables(groups.value.map(({ name }) => [name, name])),
    table: tables.value.items.map(({ name }) => [name, name]),
  };
}

/** The sides that are given, if they are there, else the last two. */
function sidesOf(choices: Choice[], left: string, right: string): [string, string] {
  const ids = choices.map(([id]) => id);
  const [before = "", after = ""] = ids.length > 1 ? ids.slice(-2) : [ids[0], ids[0]];
  const given = (side: string) => ids.includes(side);
  if (given(left) && given(right)) return [left, right];
  if (given(left)) return [left, ids.find((id) => id !== left) ?? left];
  if (given(right)) return [ids.find((id) => id !== right) ?? right, right];
  return [before, after];
}
