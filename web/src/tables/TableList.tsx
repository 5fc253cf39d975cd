import { useEffect, useRef, useState } from "preact/hooks";
import type { Table } from "../api/types.ts";
import { shortCount } from "../lib/format.ts";
import { shortName } from "../lib/names.ts";
import { to } from "../lib/router.ts";
import { strings } from "../strings.ts";
import { Icon, type IconName } from "../ui/Icon.tsx";
import { Name } from "../ui/parts.tsx";

const words = strings.tablesView;
/** More tables than this are looked for by name. */
const MANY = 12;

/** What else can be done with tables than to look at one. */
export const TOOLS = { sql: "code", compare: "compare" } as const satisfies Record<string, IconName>;
export type Tool = keyof typeof TOOLS;
export const toTool = (tool: Tool) => to("tables", [], { [tool]: "" });

/** The tables by their groups, each below the one it belongs to. */
export function TableList({
  items,
  tool: open,
  table: current,
}: {
  items: Table[];
  tool: Tool | null;
  table: string | null;
}) {
  const list = useRef<HTMLElement>(null);
  // The table that is opened by a link or a citation may be far down.
  useEffect(() => {
    list.current?.querySelector('[aria-current="page"]')?.scrollIntoView({ block: "nearest" });
  }, [current, open]);
  const [sought, setSought] = useState("");
  const shown = items.filter(({ name }) => name.toLowerCase().includes(sought.trim().toLowerCase()));
  const groups = [...new Set(shown.map(({ group }) => group))];
  return (
    <nav ref={list} class="table-list" aria-label={words.list}>
      <ul>
        {(Object.keys(TOOLS) as Tool[]).map((tool) => (
          <li key={tool}>
            <a class="entry" href={toTool(tool)} aria-current={tool === open ? "page" : undefined}>
              <Icon name={TOOLS[tool]} size={16} />
              <span class="grow">{words.tools[tool]}</span>
            </a>
          </li>
        ))}
      </ul>
      {items.length > MANY && (
        <input
          class="input small"
          type="search"
          aria-label={words.find}
          placeholder={words.find}
          value={sought}
          onInput={(event) => setSought(event.currentTarget.value)}
        />
      )}
      {groups.map((group) => (
        <section key={group}>
          <h2 class="truncate">{group}</h2>
          <ul>
            {shown
              .filter((table) => table.group === group)
              .map((table) => (
                <li key={table.name}>
                  <a
                    class="entry"
                    href={to("tables", [table.name])}
                    aria-current={table.name === current ? "page" : undefined}
                    title={`${table.name}\n${table.source_path}`}
                  >
                    <span class="indent">{table.parent ? "└" : ""}</span>
                    <span class="row grow">
                      <Name text={shortName(table)} />
                    </span>
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
