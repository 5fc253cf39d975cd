import { download, fileAddress } from "../api/download.ts";
import type { Table } from "../api/types.ts";
import { Outdated } from "../convert/Outdated.tsx";
import { splitPath } from "../lib/format.ts";
import { go, place, to } from "../lib/router.ts";
import { attempt } from "../state/notices.ts";
import { loadTables, tables } from "../state/tables.ts";
import { strings } from "../strings.ts";
import { Icon } from "../ui/Icon.tsx";
import { Menu } from "../ui/Menu.tsx";
import { ProblemNote } from "../ui/Problem.tsx";
import { Empty, PageHead, Select } from "../ui/parts.tsx";
import { useShownName } from "../ui/title.ts";
import { ComparePane } from "./ComparePane.tsx";
import { SqlPane } from "./SqlPane.tsx";
import { TableList, TOOLS, type Tool, toTool } from "./TableList.tsx";
import { TablePane } from "./TablePane.tsx";

const words = strings.tablesView;

export function TablesView() {
  const { items, state, problem } = tables.value;
  const { rest, parameters, view } = place.value;
  const tool = (Object.keys(TOOLS) as Tool[]).find((tool) => parameters.has(tool)) ?? null;
  const [wanted] = rest;
  const named = wanted === undefined ? items[0] : items.find(({ name }) => name === wanted);
  const table = tool ? null : (named ?? null);
  useShownName(tool ? words.tools[tool] : (table?.name ?? wanted ?? ""));
  if (view !== "tables" || state === "unknown") return null;
  if (items.length === 0) {
    return (
      <div class="page">
        <PageHead title={words.title} />
        {problem ? (
          <ProblemNote problem={problem} onRetry={loadTables} />
        ) : (
          <Empty icon="tables" title={words.emptyTitle} detail={words.emptyDetail}>
            <a class="button primary" href={to("convert")}>
              {words.toConvert}
            </a>
          </Empty>
        )}
      </div>
    );
  }
  // An earlier answer or an old address may name what later conversions did not make.
  const isMissing = !tool && !table;
  const places = {
    ...Object.fromEntries(items.map(({ name }) => [to("tables", [name]), name])),
    ...Object.fromEntries((Object.keys(TOOLS) as Tool[]).map((tool) => [toTool(tool), words.tools[tool]])),
  };
  return (
    <div class="tables">
      <TableList items={items} tool={tool} table={table?.name ?? null} />
      <div class="pane">
        <header class="row pane-title">
          <h1 class="truncate grow">{tool ? words.tools[tool] : (table?.name ?? wanted)}</h1>
          <div class="narrow-only">
            <Select
              small
              hidden
              label={words.list}
              choices={places}
              value={tool ? toTool(tool) : to("tables", [table?.name ?? ""])}
              onChange={(address) => go(address)}
            />
          </div>
          {table && <Downloads table={table} />}
        </header>
        <div class="pane-warning">
          <Outdated>
            <a class="button small" href={to("convert")}>
              {words.toConvert}
            </a>
          </Outdated>
        </div>
        {tool === "sql" && <SqlPane />}
        {tool === "compare" && <ComparePane />}
        {isMissing && (
          <Empty icon="tables" title={words.missingTitle} detail={words.missingDetail(wanted ?? "")}>
            <a class="button" href={to("convert")}>
              {words.toConvert}
            </a>
          </Empty>
        )}
        {table && <TablePane key={`${table.name} ${tables.value.version}`} table={table} />}
      </div>
    </div>
  );
}

function Downloads({ table }: { table: Table }) {
  const [area = "output", ...rest] = table.path.split("/");
  const path = rest.join("/");
  const one = () => attempt(() => download(fileAddress(area, path), splitPath(path).name));
  const all = () => attempt(() => download("/api/download", "tables.zip"));
  const pick = (close: () => void, work: () => Promise<boolean>) => {
    close();
    void work();
  };
  return (
    <Menu
      label=""
      kind="button small"
      button={
        <>
          <Icon name="download" size={15} />
          {words.download}
        </>
      }
    >
      {(close) => (
        <>
          <button type="button" class="item" onClick={() => pick(close, one)}>
            <Icon name="file" size={16} />
            {splitPath(path).name}
          </button>
          <button type="button" class="item" onClick={() => pick(close, all)}>
            <Icon name="archive" size={16} />
            {words.downloadAll} (tables.zip)
          </button>
        </>
      )}
    </Menu>
  );
}
