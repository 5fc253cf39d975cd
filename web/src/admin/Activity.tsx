import { useState } from "preact/hooks";
import { api, take } from "../api/client.ts";
import type { AuditEntry } from "../api/types.ts";
import { bytes, count, when } from "../lib/format.ts";
import { strings } from "../strings.ts";
import { head, ListOf } from "./ListOf.tsx";
import { usePaged } from "./usePaged.ts";

const words = strings.admin;
const COLUMNS = [words.time, words.who, words.what, words.about, words.address].map(head);

/** Who did what, when: the audit log. */
export function Activity() {
  const [action, setAction] = useState("");
  const list = usePaged<AuditEntry>((page) => {
    const query = { ...page, ...(action && { action: action as AuditEntry["action"] }) };
    return take(api.GET("/api/admin/audit", { params: { query } }));
  }, action);
  return (
    <ListOf
      id="activity"
      title={words.activity}
      list={list}
      columns={COLUMNS}
      none={{ icon: "search", title: words.noActivity, detail: words.noActivityDetail }}
      choice={{
        label: words.actionFilter,
        choices: { "": words.allActions, ...words.actions },
        value: action,
        onChange: setAction,
      }}
    >
      {(entry) => <Entry key={entry.id} entry={entry} />}
    </ListOf>
  );
}

function Entry({ entry }: { entry: AuditEntry }) {
  const details = Object.entries(entry.details ?? {}).map(([name, value]) => `${name}: ${said(name, value)}`);
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

function said(name: string, value: unknown): string {
  if (typeof value === "number") return /(^|_)bytes$/.test(name) ? bytes(value) : count(value);
  return Array.isArray(value) ? value.join(" ") : String(value);
}
