import { useState } from "preact/hooks";
import { api, take } from "../api/client.ts";
import type { OpenSession } from "../api/types.ts";
import * as format from "../lib/format.ts";
import { notify } from "../state/notices.ts";
import { session } from "../state/session.ts";
import { strings } from "../strings.ts";
import { FormDialog } from "../ui/Dialog.tsx";
import { head, headOfNumbers, ListOf } from "./ListOf.tsx";
import { usePaged } from "./usePaged.ts";

const words = strings.admin;
const PAGE = 50;
const EVERY = 15_000;
const COLUMNS = [
  ...[words.who, words.since, words.lastSeen].map(head),
  ...[words.files, words.size, words.unfinished].map(headOfNumbers),
  head(""),
];

/** Who is signed in, since when, and how much is there of it. */
export function Sessions() {
  const list = usePaged<OpenSession>(
    (cursor) => take(api.GET("/api/admin/sessions", { params: { query: { limit: PAGE, ...(cursor && { cursor }) } } })),
    "",
    EVERY,
  );
  const [ending, setEnding] = useState<OpenSession | null>(null);
  const own = session.value.phase === "in" ? session.value.id : null;
  const end = async ({ id, username }: OpenSession) => {
    await take(api.DELETE("/api/admin/sessions/{id}", { params: { path: { id } } }));
    notify("good", words.sessionEnded(username));
    await list.reload();
  };
  return (
    <>
      <ListOf
        id="sessions"
        title={words.sessions}
        list={list}
        columns={COLUMNS}
        none={{ icon: "user", title: words.noSessions, detail: words.noSessionsDetail }}
      >
        {(one) => (
          <tr key={one.id}>
            <th scope="row">{one.username}</th>
            <td class="number">{format.when(one.created_at)}</td>
            <td class="number">{format.when(one.last_seen_at)}</td>
            <td class="number right">{format.count(one.files)}</td>
            <td class="number right">{format.bytes(one.bytes)}</td>
            <td class="number right">{format.count(one.unfinished_jobs)}</td>
            <td class="right">
              {one.id === own ? (
                <span class="badge">{words.ownSession}</span>
              ) : (
                <button
                  type="button"
                  class="button small"
                  aria-label={words.endOf(one.username)}
                  onClick={() => setEnding(one)}
                >
                  {words.end}
                </button>
              )}
            </td>
          </tr>
        )}
      </ListOf>
      {ending && (
        <FormDialog
          title={words.endTitle(ending.username)}
          detail={words.endDetail}
          submit={words.end}
          danger
          onSubmit={() => end(ending)}
          onClose={() => setEnding(null)}
        />
      )}
    </>
  );
}
