import { signal } from "@preact/signals";
import { api, take } from "../api/client.ts";
import { download } from "../api/download.ts";
import { asProblem, type Problem } from "../api/problem.ts";
import type { ConversationSummary } from "../api/types.ts";
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
onForget(() => {
  history.value = NOTHING;
});

export async function loadHistory(words = history.value.words): Promise<void> {
  history.value = { ...history.value, words };
  await fetchPage(words, null);
}

export async function loadMoreHistory(): Promise<void> {
  const { words, next } = history.value;
  if (next) await fetchPage(words, next);
}

async function fetchPage(words: string, cursor: string | null): Promise<void> {
  try {
    const query = { limit: PAGE, ...(words.trim() && { q: words.trim() }), ...(cursor && { cursor }) };
    const page = await take(api.GET("/api/conversations", { params: { query } }));
    // The answer to an older question comes too late.
    if (history.value.words !== words) return;
    const before = cursor ? history.value.items : [];
    history.value = {
      state: "known",
      words,
      items: [...before, ...page.items],
      next: page.next_cursor ?? null,
      problem: null,
    };
  } catch (thrown) {
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
