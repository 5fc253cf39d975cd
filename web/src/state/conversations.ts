import { signal } from "@preact/signals";
import { api, take } from "../api/client.ts";
import { download } from "../api/download.ts";
import { asProblem, type Problem, wasAborted } from "../api/problem.ts";
import type { ConversationSummary } from "../api/types.ts";
import { Listing } from "../lib/listing.ts";
import { onForget } from "./stores.ts";

type History = {
  state: "unknown" | "known";
  /** Words that are looked for. */
  words: string;
  items: ConversationSummary[];
  next: string | null;
  problem: Problem | null;
};

const NOTHING: History = { state: "unknown", words: "", items: [], next: null, problem: null };
const PAGE = 50;

/** The person's conversations, the last used first. */
export const history = signal<History>(NOTHING);
/** What is shown, and what was asked for last: an answer to an older question comes too late. */
let shown: Listing<ConversationSummary> | null = null;
let asked: Listing<ConversationSummary> | null = null;
onForget(() => {
  shown = null;
  asked = null;
  history.value = NOTHING;
});

export async function loadHistory(words = history.value.words): Promise<void> {
  history.value = { ...history.value, words };
  const query = { limit: PAGE, ...(words.trim() && { q: words.trim() }) };
  asked = new Listing((cursor) =>
    take(api.GET("/api/conversations", { params: { query: { ...query, ...(cursor && { cursor }) } } })),
  );
  await read(asked);
}

export async function loadMoreHistory(): Promise<void> {
  // Those of other words are on their way.
  if (shown && shown === asked) await read(shown);
}

async function read(list: Listing<ConversationSummary>): Promise<void> {
  try {
    await list.more();
    if (asked !== list) return;
    shown = list;
    history.value = { ...history.value, state: "known", items: list.items, next: list.next, problem: null };
  } catch (thrown) {
    if (asked !== list || wasAborted(thrown)) return;
    history.value = { ...history.value, state: "known", problem: asProblem(thrown) };
  }
}

export async function renameConversation(id: string, title: string): Promise<void> {
  await take(api.PATCH("/api/conversations/{id}", { params: { path: { id } }, body: { title } }));
  await loadHistory();
}

export async function deleteConversation(id: string): Promise<void> {
  await take(api.DELETE("/api/conversations/{id}", { params: { path: { id } } }));
  await loadHistory();
}

export async function exportConversation(id: string, title: string, format: "md" | "json"): Promise<void> {
  const plain = title.replace(/[^\p{L}\p{N} ._-]+/gu, "").replace(/\s+/g, " ");
  const name = plain.slice(0, 80).trim() || "conversation";
  await download(`/api/conversations/${id}/export?format=${format}`, `${name}.${format}`);
}
