import { useId, useMemo } from "preact/hooks";

/** So many are offered for what is typed so far. */
const OFFERED = 50;

/** One of very many: a part of its name is typed, and the browser offers those that have it. */
export function Sought({
  label,
  choices,
  value,
  onChange,
}: {
  label: string;
  choices: string[];
  value: string;
  onChange: (value: string) => void;
}) {
  const id = useId();
  const known = useMemo(() => new Set(choices), [choices]);
  return (
    <div class="field">
      <label for={id}>{label}</label>
      <input
        id={id}
        class="input"
        list={`${id}-list`}
        aria-invalid={!known.has(value)}
        autocomplete="off"
        autocapitalize="none"
        spellcheck={false}
        required
        value={value}
        onInput={(event) => onChange(event.currentTarget.value)}
      />
      <datalist id={`${id}-list`}>
        {offeredOf(choices, value, OFFERED).map((name) => (
          <option key={name} value={name} />
        ))}
      </datalist>
    </div>
  );
}

/** The first choices that have a text in them, whatever its case. */
export function offeredOf(choices: string[], text: string, most: number): string[] {
  const sought = text.trim().toLowerCase();
  const found = [];
  for (const choice of choices) {
    if (found.length === most) break;
    if (choice.toLowerCase().includes(sought)) found.push(choice);
  }
  return found;
}
