import { api, take } from "../api/client.ts";
import type { OpenSession } from "../api/types.ts";
import * as format from "../lib/format.ts";
import { session } from "../state/session.ts";
import { strings } from "../strings.ts";
import { head, headOfNumbers, ListOf } from "./ListOf.tsx";
import { useConfirmation } from "./useConfirmation.tsx";
import { usePaged } from "./usePaged.ts";

const words = strings.admin;
const EVERY = 15_000;
const COLUMNS = [
  ...[words.who, words.since, words.lastSeen].map(head),
  ...[words.files, words.size, words.unfinished].map(headOfNumbers),
  head(""),
];

/** Who is signed in, since when, and how much is there of it. */
export function Sessions() {
  const list = usePaged<OpenSession>((query) => take(api.GET("/api/admin/sessions", { params: { query } })), "", EVERY);
  const own = session.value.phase === "in" ? session.value.id : null;
  const said = {
    title: ({ username }: OpenSession) => words.endTitle(username),
    detail: () => words.endDetail,
    submit: words.end,
    done: ({ username }: OpenSession) => words.sessionEnded(username),
  };
  const [ask, question] = useConfirmation(list, said, ({ id }) =>
    take(api.DELETE("/api/admin/sessions/{id}", { params: { path: { id } } })),
  );
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
                  onClick={() => ask(one)}
                >
                  {words.end}
                </button>
              )}
            </td>
          </tr>
        )}
      </ListOf>
      {question}
    </>
  );
}
