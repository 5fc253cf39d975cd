import { useState } from "preact/hooks";
import type { PreviewGroup } from "../api/types.ts";
import { choose, options } from "../state/conversion.ts";
import { formats } from "../state/formats.ts";
import { groups } from "../state/library.ts";
import { strings } from "../strings.ts";
import { Check, Segmented, Select } from "../ui/parts.tsx";
import { RecordChoice } from "./RecordChoice.tsx";

const words = strings.convert;
/** More groups than this are folded away. */
const GROUPS = 8;

/** Everything that can be asked of a conversion; the rare things folded away. */
export function OptionsPanel({ found }: { found: PreviewGroup[] }) {
  const chosen = options.value;
  return (
    <form class="card padded stack wide options" onSubmit={(event) => event.preventDefault()}>
      <div class="field">
        <span class="label">{words.layout}</span>
        <Segmented
          label={words.layout}
          choices={words.layouts}
          value={chosen.layout}
          onChange={(layout) => choose({ layout })}
        />
        <span class="hint">{words.layoutHints[chosen.layout]}</span>
      </div>
      <RecordChoice found={found} />
      <div class="field">
        <span class="label">{words.format}</span>
        <Segmented
          label={words.format}
          choices={formatChoices(chosen.format)}
          value={chosen.format}
          onChange={(format) => choose({ format })}
        />
      </div>
      {groups.value.length > 1 && <GroupChoice />}
      <details>
        <summary>{words.details}</summary>
        <Details />
      </details>
    </form>
  );
}

/** What the service writes; of a service that has not said it, what is chosen. */
function formatChoices(chosen: string): Record<string, string> {
  const written = formats.value.length > 0 ? formats.value : [chosen];
  return Object.fromEntries(written.map((format) => [format, words.formats[format] ?? format]));
}

function GroupChoice() {
  const [all, setAll] = useState(false);
  const chosen = options.value.groups;
  const shown = groups.value.filter(({ name }, at) => all || at < GROUPS || chosen.includes(name));
  const toggle = (name: string, on: boolean) =>
    choose({ groups: on ? [...chosen, name] : chosen.filter((other) => other !== name) });
  return (
    <fieldset class="stack tight groups">
      <legend>{words.groups}</legend>
      <Check label={words.allGroups} checked={chosen.length === 0} onChange={() => choose({ groups: [] })} />
      {shown.map(({ name }) => (
        <Check key={name} label={name} checked={chosen.includes(name)} onChange={(on) => toggle(name, on)} />
      ))}
      {groups.value.length > shown.length && (
        <button type="button" class="button quiet small" onClick={() => setAll(true)}>
          {strings.more} ({groups.value.length - shown.length})
        </button>
      )}
    </fieldset>
  );
}

function Details() {
  const chosen = options.value;
  return (
    <div class="stack">
      <Select
        label={words.repeated}
        choices={words.repeatedChoices}
        value={chosen.repeated}
        onChange={(repeated) => choose({ repeated })}
      />
      <Select
        label={words.namespaces}
        choices={words.namespaceChoices}
        value={chosen.namespaces}
        onChange={(namespaces) => choose({ namespaces })}
      />
      <Select
        label={words.text}
        choices={words.textChoices}
        value={chosen.text}
        onChange={(text) => choose({ text })}
      />
      <Select
        label={words.mixed}
        choices={words.mixedChoices}
        value={chosen.mixed}
        onChange={(mixed) => choose({ mixed })}
      />
      <Select
        label={words.structure}
        choices={words.structureChoices}
        value={chosen.structure}
        onChange={(structure) => choose({ structure })}
      />
      <Select
        label={words.onError}
        choices={words.onErrorChoices}
        value={chosen.on_error}
        onChange={(on_error) => choose({ on_error })}
      />
      {chosen.format === "csv" && (
        <>
          <Select
            label={words.delimiter}
            choices={words.delimiters}
            value={chosen.delimiter}
            onChange={(delimiter) => choose({ delimiter })}
          />
          <div>
            <Check label={words.bom} checked={chosen.bom} onChange={(bom) => choose({ bom })} />
            <Check
              label={words.guard}
              checked={chosen.guard_formulas}
              onChange={(guard_formulas) => choose({ guard_formulas })}
            />
            <Check
              label={words.quoteEmpty}
              checked={chosen.quote_empty}
              onChange={(quote_empty) => choose({ quote_empty })}
            />
            <Check label={words.crlf} checked={chosen.crlf} onChange={(crlf) => choose({ crlf })} />
          </div>
        </>
      )}
    </div>
  );
}
