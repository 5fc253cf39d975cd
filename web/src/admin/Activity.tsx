import { useEffect, useState } from "preact/hooks";
import { api, take } from "../api/client.ts";
import { asProblem, type Problem } from "../api/problem.ts";
import type { AuditEntry } from "../api/types.ts";
import { when } from "../lib/format.ts";
import { strings } from "../strings.ts";
import { ProblemNote } from "../ui/Problem.tsx";
import { Empty, Select, Wide } from "../ui/parts.tsx";

const words = strings.admin;
const PAGE = 50;

/** Who did what, when: the audit log. */
export function Activity() {
  const [action, setAction] = useState("");
  const [entries, setEntries] = useState<AuditEntry[]>([]);
  const [next, setNext] = useState<string | null>(null);
  const [known, setKnown] = useState(false);
  const [problem, setProblem] = useState<Problem | null>(null);

  const load = async (cursor: string | null) => {
    try {
      const query = { limit: PAGE, ...(cursor && { cursor }), ...(action && { action: action as never }) };
      const page = await take(api.GET("/api/admin/audit", { params: { query } }));
      setEntries((before) => [...(cursor ? before : []), ...page.items]);
      setNext(page.next_cursor ?? null);
      setProblem(null);
    } catch (thrown) {
      setProblem(asProblem(thrown));
    }
    setKnown(true);
  };
  useEffect(() => {
    void load(null);
  }, [action]);

  return (
    <section class="stack" aria-labelledby="activity">
      <div class="row">
        <h2 id="activity" class="grow">
          {words.activity}
        </h2>
        <Select
          small
          hidden
          label={words.actionFilter}
          choices={{ "": words.allActions, ...words.actions }}
          value={action}
          onChange={setAction}
        />
      </div>
      {problem && <ProblemNote problem={problem} onRetry={() => load(null)} />}
      {known && entries.length === 0 && !problem && (
        <Empty icon="search" title={words.noActivity} detail={words.noActivityDetail} />
      )}
      {entries.length > 0 && (
        <Wide label={words.activity} kind="card">
          <table class="plain log">
            <thead>
              <tr>
                <th scope="col">{words.time}</th>
                <th scope="col">{words.who}</th>
                <th scope="col">{words.what}</th>
                <th scope="col">{words.about}</th>
                <th scope="col">{words.address}</th>
              </tr>
            </thead>
            <tbody>
              {entries.map((entry) => (
                <Entry key={entry.id} entry={entry} />
              ))}
            </tbody>
          </table>
        </Wide>
      )}
      {next && (
        <button type="button" class="button" onClick={() => load(next)}>
          {strings.more}
        </button>
      )}
    </section>
  );
}

function Entry({ entry }: { entry: AuditEntry }) {
  const details = Object.entries(entry.details ?? {}).map(([name, value]) => `${name}: ${said(value)}`);
  return (
    <tr>
      <td class="number">{when(entry.at)}</td>
      <td>{entry.actor_name ?? "–"}</td>
      <td>
        {words.actions[entry.action] ?? entry.action}{" "}
        {entry.outcome === "refused" && <span class="badge bad">{words.outcomeRefused}</span>}
      </td>
      <td class="about">
        {entry.subject && <code>{entry.subject}</code>} <span class="small muted">{details.join(", ")}</span>
      </td>
      <td class="number">{entry.client_address ?? "–"}</td>
    </tr>
  );
}

function said(value: unknown): string {
  return Array.isArray(value) ? value.join(" ") : String(value);
}
