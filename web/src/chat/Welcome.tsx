import type { Table } from "../api/types.ts";
import { to } from "../lib/router.ts";
import { strings } from "../strings.ts";
import { Icon } from "../ui/Icon.tsx";
import { Empty } from "../ui/parts.tsx";

const words = strings.chat;

/** The beginning of a conversation: what may be asked of these tables. */
export function Welcome({ tables, onAsk }: { tables: Table[]; onAsk: (text: string) => void }) {
  if (tables.length === 0) {
    return (
      <Empty icon="chat" title={words.noTables} detail={words.noTablesDetail}>
        <a class="button primary" href={to("upload")}>
          {strings.convert.toUpload}
        </a>
      </Empty>
    );
  }
  return (
    <div class="welcome">
      <h2>{words.welcome}</h2>
      <p class="muted">{words.welcomeDetail}</p>
      <ul class="suggestions">
        {suggestionsOf(tables).map((text) => (
          <li key={text}>
            <button type="button" class="card" onClick={() => onAsk(text)}>
              <span class="grow">{text}</span>
              <Icon name="right" size={15} />
            </button>
          </li>
        ))}
      </ul>
    </div>
  );
}

/** Questions that the columns of the largest tables invite. */
function suggestionsOf(tables: Table[]): string[] {
  const [largest] = [...tables].sort((a, b) => b.rows - a.rows);
  if (!largest) return [];
  const own = largest.columns.filter(({ key }) => !key);
  const number = own.find(({ type }) => type === "decimal" || type === "integer");
  const text = own.find(({ type }) => type === "text");
  return [
    words.suggest.count(largest.name),
    ...(number ? [words.suggest.greatest(number.name, largest.name)] : []),
    ...(text ? [words.suggest.most(text.name, largest.name)] : []),
  ];
}
