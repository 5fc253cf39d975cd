import { useId, useState } from "preact/hooks";
import type { AnswerDetails, Citation } from "../api/types.ts";
import { to } from "../lib/router.ts";
import { strings } from "../strings.ts";
import { Icon } from "../ui/Icon.tsx";

const words = strings.chat;
type Queries = AnswerDetails["queries"];

/** Where to look at what a citation points to: a row of a table, or of a statement's result. */
export function addressOf(citation: Citation, queries: Queries): string | null {
  if (citation.table) return to("tables", [citation.table], { row: citation.row });
  const query = queries.find(({ name }) => name === citation.query);
  if (!query) return null;
  return to("tables", [], { sql: query.sql, row: citation.row, ...(citation.column && { column: citation.column }) });
}

/** The number of a citation in a text: a link to what it points to. */
export function Cited({ citation, queries }: { citation: Citation | undefined; queries: Queries }) {
  if (!citation) return null;
  const address = addressOf(citation, queries);
  const label = words.citation(citation.number, citation.excerpt ?? "", citation.supported);
  const kind = citation.supported ? "cite" : "cite doubtful";
  const text = citation.supported ? citation.number : `${citation.number}?`;
  if (!address) return <sup class={kind}>{text}</sup>;
  return (
    <a class={kind} href={address} aria-label={label} title={label}>
      {text}
    </a>
  );
}

/** The statements that were run for an answer. */
export function Statements({ queries }: { queries: Queries }) {
  const [open, setOpen] = useState(false);
  const id = useId();
  if (queries.length === 0) return null;
  return (
    <div class="statements">
      <button
        type="button"
        class="button quiet small"
        aria-expanded={open}
        aria-controls={id}
        onClick={() => setOpen(!open)}
      >
        <Icon name="code" size={15} />
        {words.showSql(queries.length)}
      </button>
      <ul id={id} class="stack" hidden={!open}>
        {queries.map(({ name, sql }) => (
          <li key={name} class="card statement">
            <pre>{sql}</pre>
            <a class="button small" href={to("tables", [], { sql })}>
              <Icon name="play" size={14} />
              {words.openSql}
            </a>
          </li>
        ))}
      </ul>
    </div>
  );
}
