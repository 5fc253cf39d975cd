import { useId, useState } from "preact/hooks";
import type { Candidate, PreviewGroup } from "../api/types.ts";
import { count } from "../lib/format.ts";
import { choose, options } from "../state/conversion.ts";
import { strings } from "../strings.ts";
import { Name } from "../ui/parts.tsx";

const words = strings.convert;
const SHOWN = 6;

/** The element that makes a row: as detected, one of the alternatives with its number of rows, or any other. */
export function RecordChoice({ found }: { found: PreviewGroup[] }) {
  const name = useId();
  const [all, setAll] = useState(false);
  const chosen = options.value.record;
  const candidates = candidatesOf(found);
  const isOther = chosen !== "" && !candidates.some(({ path }) => path === chosen);
  const shown = all ? candidates : candidates.slice(0, SHOWN);
  return (
    <fieldset class="stack tight records">
      <legend>{words.record}</legend>
      <p class="small muted">{words.recordHint}</p>
      <Choice name={name} checked={chosen === ""} onChoose={() => choose({ record: "" })}>
        <span class="grow">
          {words.recordAuto}
          <span class="small muted detail">{words.recordAutoDetail}</span>
        </span>
      </Choice>
      {shown.map(({ path, rows }) => (
        <Choice key={path} name={name} checked={path === chosen} onChoose={() => choose({ record: path })}>
          <code class="grow row" title={path}>
            <Name text={path} />
          </code>
          <span class="small muted number">{count(rows)}</span>
        </Choice>
      ))}
      {candidates.length > shown.length && (
        <button type="button" class="button quiet small" onClick={() => setAll(true)}>
          {strings.more} ({candidates.length - shown.length})
        </button>
      )}
      <input
        class="input small"
        aria-label={words.recordOther}
        placeholder={`${words.recordOther}: ${words.recordOtherHint.toLowerCase()}`}
        spellcheck={false}
        autocapitalize="none"
        value={isOther ? chosen : ""}
        onChange={(event) => choose({ record: event.currentTarget.value })}
      />
    </fieldset>
  );
}

function Choice({
  name,
  checked,
  onChoose,
  children,
}: {
  name: string;
  checked: boolean;
  onChoose: () => void;
  children: preact.ComponentChildren;
}) {
  return (
    <label class="check">
      <input type="radio" name={name} checked={checked} onChange={onChoose} />
      {children}
    </label>
  );
}

/** The records of all groups and what else could be one, each once, those with most rows first. */
function candidatesOf(found: PreviewGroup[]): Candidate[] {
  const rows = new Map<string, number>();
  for (const { record, alternatives } of found) {
    for (const candidate of [record, ...alternatives]) {
      rows.set(candidate.path, (rows.get(candidate.path) ?? 0) + candidate.rows);
    }
  }
  return [...rows].map(([path, count]) => ({ path, rows: count })).sort((a, b) => b.rows - a.rows);
}
