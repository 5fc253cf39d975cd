import type { Table } from "../api/types.ts";
import { shortCount } from "../lib/format.ts";
import { to } from "../lib/router.ts";
import { strings } from "../strings.ts";
import { Icon } from "../ui/Icon.tsx";

const words = strings.tablesView;

/** The tables by their groups, each below the one it belongs to. */
export function TableList({ items, current }: { items: Table[]; current: string | null }) {
  const groups = [...new Set(items.map(({ group }) => group))];
  return (
    <nav class="table-list" aria-label={words.list}>
      <a class="entry" href={to("tables", [], { sql: "" })} aria-current={current === null ? "page" : undefined}>
        <Icon name="code" size={16} />
        <span class="grow">{words.sql}</span>
      </a>
      {groups.map((group) => (
        <section key={group}>
          <h2 class="truncate">{group}</h2>
          <ul>
            {items
              .filter((table) => table.group === group)
              .map((table) => (
                <li key={table.name}>
                  <a
                    class="entry"
                    href={to("tables", [table.name])}
                    aria-current={table.name === current ? "page" : undefined}
                    title={table.source_path}
                  >
                    <span class="indent">{table.parent ? "└" : ""}</span>
                    <span class="truncate grow">{table.name}</span>
                    <span class="small muted number">{shortCount(table.rows)}</span>
                  </a>
                </li>
              ))}
          </ul>
        </section>
      ))}
    </nav>
  );
}
