import { useLayoutEffect, useRef, useState } from "preact/hooks";
import type { Column } from "../api/types.ts";
import { type Comparison, canFilter, type Filter } from "../lib/filters.ts";
import { strings } from "../strings.ts";
import { Icon } from "../ui/Icon.tsx";
import { Select } from "../ui/parts.tsx";

const words = strings.tablesView;

const said = ({ column, comparison, value }: Filter) => `${column} ${words.comparisons[comparison]} ${value}`;

/** The conditions on the rows, which all hold, and a form for one more. */
export function FilterBar({
  columns,
  filters,
  column,
  onChange,
}: {
  columns: Column[];
  filters: Filter[];
  /** The one that is looked at, with which a new condition begins. */
  column: string | undefined;
  onChange: (filters: Filter[]) => void;
}) {
  const [adding, setAdding] = useState(false);
  const opener = useRef<HTMLButtonElement>(null);
  const wasAdding = useRef(false);
  // What had the focus goes away with the form, or with a condition.
  useLayoutEffect(() => {
    if (wasAdding.current && !adding) opener.current?.focus();
    wasAdding.current = adding;
  }, [adding]);
  const change = (next: Filter[]) => {
    opener.current?.focus();
    onChange(next);
  };
  return (
    <div class="filters">
      {filters.map((filter) => (
        <span key={said(filter)} class="chip">
          <span class="truncate">
            <strong>{filter.column}</strong> {words.comparisons[filter.comparison]} <strong>{filter.value}</strong>
          </span>
          <button
            type="button"
            aria-label={words.removeFilter(said(filter))}
            onClick={() => change(filters.filter((other) => other !== filter))}
          >
            <Icon name="close" size={13} />
          </button>
        </span>
      ))}
      {adding ? (
        <NewFilter
          columns={columns}
          first={column}
          onAdd={(filter) => {
            onChange([...filters, filter]);
            setAdding(false);
          }}
          onClose={() => setAdding(false)}
        />
      ) : (
        <button ref={opener} type="button" class="button quiet small" onClick={() => setAdding(true)}>
          <Icon name="filter" size={15} />
          {words.addFilter}
        </button>
      )}
      {filters.length > 1 && (
        <button type="button" class="button quiet small" onClick={() => change([])}>
          {words.clearFilters}
        </button>
      )}
    </div>
  );
}

function NewFilter({
  columns,
  first,
  onAdd,
  onClose,
}: {
  columns: Column[];
  first: string | undefined;
  onAdd: (filter: Filter) => void;
  onClose: () => void;
}) {
  const usable = columns.filter(({ name }) => canFilter({ column: name, value: "" }));
  const [column, setColumn] = useState((usable.find(({ name }) => name === first) ?? usable[0])?.name ?? "");
  const [comparison, setComparison] = useState<Comparison>("~");
  const [value, setValue] = useState("");
  const fits = canFilter({ column, value });
  // Every text contains the empty one.
  const says = fits && (comparison !== "~" || value !== "");
  return (
    <form
      class="new-filter"
      onSubmit={(event) => {
        event.preventDefault();
        if (says) onAdd({ column, comparison, value });
      }}
      onKeyDown={(event) => event.key === "Escape" && onClose()}
    >
      <Select
        small
        hidden
        label={words.filterColumn}
        choices={Object.fromEntries(usable.map(({ name }) => [name, name]))}
        value={column}
        onChange={setColumn}
      />
      <Select
        small
        hidden
        label={words.filterHow}
        choices={words.comparisons}
        value={comparison}
        onChange={setComparison}
      />
      <input
        class="input small"
        aria-label={words.filterValue}
        placeholder={words.filterValue}
        aria-invalid={!fits}
        autofocus
        value={value}
        onInput={(event) => setValue(event.currentTarget.value)}
      />
      <button type="submit" class="button primary small" disabled={!says}>
        {words.apply}
      </button>
      <button type="button" class="button quiet small" onClick={onClose}>
        {strings.cancel}
      </button>
      {!fits && <p class="small muted">{words.noSemicolon}</p>}
    </form>
  );
}
