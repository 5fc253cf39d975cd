import { useState } from "preact/hooks";
import type { TableDifferences } from "../api/types.ts";
import { commonColumns } from "../lib/comparison.ts";
import { tables } from "../state/tables.ts";
import { strings } from "../strings.ts";
import { FormDialog } from "../ui/Dialog.tsx";
import { Check } from "../ui/parts.tsx";

const words = strings.compare;

/** Asks for the columns that tell rows apart; none at all has them looked for. */
export function KeyChoice({
  pair,
  onChoose,
  onClose,
}: {
  pair: TableDifferences;
  onChoose: (key: string[]) => void;
  onClose: () => void;
}) {
  const columnsOf = (name: string | null | undefined) =>
    tables.value.items.find((table) => table.name === name)?.columns ?? [];
  const columns = commonColumns(columnsOf(pair.left), columnsOf(pair.right));
  const [key, setKey] = useState(pair.matched_by === "given" ? pair.key : []);
  const set = (column: string, isIn: boolean) =>
    setKey(columns.filter((name) => (name === column ? isIn : key.includes(name))));
  return (
    <FormDialog
      title={words.keyTitle}
      detail={words.keyDetail}
      submit={strings.compare.compare}
      onSubmit={async () => onChoose(key)}
      onClose={onClose}
    >
      <div class="key-columns">
        {columns.map((column) => (
          <Check key={column} label={column} checked={key.includes(column)} onChange={(isIn) => set(column, isIn)} />
        ))}
      </div>
    </FormDialog>
  );
}
