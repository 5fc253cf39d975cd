import { useEffect, useId, useRef, useState } from "preact/hooks";
import type { Table } from "../api/types.ts";
import { type Completion, type Completions, completionsAt, tokensOf } from "../lib/sql.ts";
import { strings } from "../strings.ts";

const words = strings.tablesView;

/** A text field with coloured SQL behind it, and names that complete. */
export function SqlEditor({
  value,
  tables,
  onChange,
  onRun,
}: {
  value: string;
  tables: Table[];
  onChange: (sql: string) => void;
  onRun: () => void;
}) {
  const id = useId();
  const area = useRef<HTMLTextAreaElement>(null);
  const [offered, setOffered] = useState<Completions | null>(null);
  const [active, setActive] = useState(0);
  const caretTo = useRef<number | null>(null);

  useEffect(() => {
    if (caretTo.current === null) return;
    area.current?.setSelectionRange(caretTo.current, caretTo.current);
    caretTo.current = null;
  });

  const offer = (explicit: boolean) => {
    const element = area.current;
    if (!element) return;
    setActive(0);
    setOffered(completionsAt(element.value, element.selectionStart, tables, explicit));
  };
  const accept = ({ insert }: Completion) => {
    if (!offered) return;
    caretTo.current = offered.from + insert.length;
    onChange(value.slice(0, offered.from) + insert + value.slice(offered.to));
    setOffered(null);
    area.current?.focus();
  };

  const press = (event: KeyboardEvent) => {
    const control = event.ctrlKey || event.metaKey;
    const choice = offered?.items[active];
    if (control && event.key === "Enter") {
      event.preventDefault();
      setOffered(null);
      onRun();
    } else if (control && event.key === " ") {
      event.preventDefault();
      offer(true);
    } else if (!offered) {
      return;
    } else if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      const step = event.key === "ArrowDown" ? 1 : -1;
      setActive((active + step + offered.items.length) % offered.items.length);
    } else if ((event.key === "Enter" || event.key === "Tab") && choice) {
      event.preventDefault();
      accept(choice);
    } else if (event.key === "Escape") {
      event.stopPropagation();
      setOffered(null);
    }
  };

  return (
    <div class="sql-editor">
      <div class="sql-layers">
        <pre aria-hidden="true">
          {tokensOf(value).map((token, at) => (
            <span key={at} class={`token ${token.kind}`}>
              {token.text}
            </span>
          ))}
          {"\n"}
        </pre>
        <textarea
          ref={area}
          aria-label={words.sqlLabel}
          aria-describedby={`${id}-hint`}
          aria-autocomplete="list"
          aria-haspopup="listbox"
          aria-controls={`${id}-list`}
          aria-activedescendant={offered ? `${id}-${active}` : undefined}
          spellcheck={false}
          autocapitalize="none"
          autocomplete="off"
          rows={Math.min(14, Math.max(4, value.split("\n").length + 1))}
          value={value}
          placeholder={`SELECT * FROM ${tables[0]?.name ?? "table"} LIMIT 100`}
          onInput={(event) => {
            onChange(event.currentTarget.value);
            offer(false);
          }}
          onKeyDown={press}
          onBlur={() => setOffered(null)}
          onClick={() => setOffered(null)}
        />
      </div>
      <ul id={`${id}-list`} class="offers card" role="listbox" aria-label={words.completions} hidden={!offered}>
        {offered?.items.map((item, at) => (
          // biome-ignore lint/a11y/useKeyWithClickEvents: the keys are those of the text field.
          <li
            key={item.kind + item.insert}
            id={`${id}-${at}`}
            role="option"
            aria-selected={at === active}
            onPointerDown={(event) => event.preventDefault()}
            onClick={() => accept(item)}
          >
            <span class="truncate grow">{item.label}</span>
            <span class="small muted truncate">{item.detail ?? words.completionKinds[item.kind]}</span>
          </li>
        ))}
      </ul>
      <p id={`${id}-hint`} class="small muted">
        {words.sqlHint}
      </p>
    </div>
  );
}
