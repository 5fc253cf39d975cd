import { useState } from "preact/hooks";
import type { Document } from "../api/types.ts";
import * as format from "../lib/format.ts";
import { type Group, groups, library } from "../state/library.ts";
import { strings } from "../strings.ts";
import { Icon } from "../ui/Icon.tsx";
import { Wide } from "../ui/parts.tsx";
import { FaultList } from "./FaultList.tsx";

const words = strings.upload;
const PAGE = 100;
/** What the service calls the group of documents above which nothing names one. */
const ROOT = "ROOT";

/** The documents that were found, by the groups in which they convert. */
export function Groups() {
  const { documents, complete } = library.value;
  if (documents.length === 0) return null;
  return (
    <section class="stack" aria-labelledby="groups">
      <div>
        <h2 id="groups">{words.groups}</h2>
        <p class="muted">
          {words.groupsHint} {groups.value.some(({ name }) => name === ROOT) && words.rootHint}
        </p>
      </div>
      {!complete && <p class="muted small">{words.incomplete(documents.length)}</p>}
      <ul class="stack">
        {groups.value.map((group) => (
          <GroupCard key={group.name} group={group} />
        ))}
      </ul>
    </section>
  );
}

function GroupCard({ group }: { group: Group }) {
  const [open, setOpen] = useState(false);
  const faults = group.documents.flatMap(({ error }) => (error ? [error] : []));
  const sound = group.documents.filter(({ error }) => !error);
  const roots = [...new Set(sound.map(({ root }) => root))].filter((root) => root !== null && root !== undefined);
  return (
    <li class="card">
      <button type="button" class="group-head" aria-expanded={open} onClick={() => setOpen(!open)}>
        <Icon name={open ? "expand" : "right"} size={16} />
        <strong class="truncate">{group.name}</strong>
        <span class="truncate muted grow">{roots.map((root) => `<${root}>`).join(", ")}</span>
        {group.faulty > 0 && <span class="badge bad">{strings.problem.documents(group.faulty)}</span>}
        <span class="muted number">{strings.documents(group.documents.length)}</span>
        <span class="muted number wide-only">{strings.records(group.records)}</span>
        <span class="muted number size">{format.bytes(group.bytes)}</span>
      </button>
      {faults.length > 0 && (
        <div class="group-body">
          <FaultList faults={faults} title={strings.problem.documents(faults.length)} />
        </div>
      )}
      {open && <Documents documents={sound} />}
    </li>
  );
}

function Documents({ documents }: { documents: Document[] }) {
  const [shown, setShown] = useState(PAGE);
  return (
    <Wide label={words.groups} kind="group-body">
      <table class="plain">
        <thead>
          <tr>
            <th scope="col">{words.document}</th>
            <th scope="col">{words.record}</th>
            <th scope="col" class="right">
              {words.size}
            </th>
          </tr>
        </thead>
        <tbody>
          {documents.slice(0, shown).map((document) => (
            <tr key={document.id}>
              <td title={document.path}>
                <span class="muted">{format.splitPath(document.path).folder}</span>
                {format.splitPath(document.path).name}
              </td>
              <td>
                <code>{document.record_path}</code>
                {document.records_estimate ? (
                  <span class="muted number"> × {format.count(document.records_estimate)}</span>
                ) : null}
              </td>
              <td class="right number">{format.bytes(document.bytes)}</td>
            </tr>
          ))}
        </tbody>
      </table>
      {documents.length > shown && (
        <button type="button" class="button quiet small" onClick={() => setShown(shown + 10 * PAGE)}>
          {strings.more}
        </button>
      )}
    </Wide>
  );
}
