import type { ComponentChildren } from "preact";
import { strings } from "../strings.ts";
import type { IconName } from "../ui/Icon.tsx";
import { ProblemNote } from "../ui/Problem.tsx";
import { Empty, Select, Wide } from "../ui/parts.tsx";
import type { Paged } from "./usePaged.ts";

/** The head of a column; one without a name has what can be done. */
type Head = { name: string; right?: boolean };
export const head = (name: string): Head => ({ name });
/** The head of a column of numbers. */
export const headOfNumbers = (name: string): Head => ({ name, right: true });

type Choice = { label: string; choices: Record<string, string>; value: string; onChange: (value: string) => void };

/** A list in pages as a table: its head, what to show of it, its lines, and more of them. */
export function ListOf<T>({
  id,
  title,
  list,
  columns,
  none,
  choice,
  children,
}: {
  id: string;
  title: string;
  list: Paged<T>;
  columns: Head[];
  none: { icon: IconName; title: string; detail: string };
  /** What to show of it. */
  choice?: Choice;
  children: (item: T) => ComponentChildren;
}) {
  const { items, known, problem, more, reload } = list;
  return (
    <section class="stack" aria-labelledby={id}>
      <div class="row list-head">
        <h2 id={id} class="grow">
          {title}
        </h2>
        {choice && <Select small hidden {...choice} />}
      </div>
      {problem && <ProblemNote problem={problem} onRetry={reload} />}
      {known && items.length === 0 && !problem && <Empty {...none} />}
      {items.length > 0 && (
        <Wide label={title} kind="card">
          <table class="plain log">
            <thead>
              <tr>
                {columns.map(({ name, right }) => (
                  <th key={name} scope="col" class={right ? "right" : ""}>
                    {name || <span class="unseen">{strings.admin.actionsColumn}</span>}
                  </th>
                ))}
              </tr>
            </thead>
            <tbody>{items.map(children)}</tbody>
          </table>
        </Wide>
      )}
      {more && (
        <button type="button" class="button" onClick={more}>
          {strings.more}
        </button>
      )}
    </section>
  );
}
