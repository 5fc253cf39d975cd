import { computed, signal } from "@preact/signals";
import { api, take } from "../api/client.ts";
import { asProblem, type Problem, wasAborted } from "../api/problem.ts";
import type { Conversation, Message } from "../api/types.ts";
import { branchOf, choiceKey } from "../lib/branches.ts";
import { go, to } from "../lib/router.ts";
import { uuid7 } from "../lib/uuid.ts";
import { ask, type Draft, EMPTY_DRAFT, follow } from "./answers.ts";
import { loadHistory } from "./conversations.ts";
import { onForget } from "./stores.ts";

type Thread = {
  id: string | null;
  title: string | null;
  temporary: boolean;
  loading: boolean;
  messages: Message[];
  /** Which of several followers of a message is looked at. */
  choices: ReadonlyMap<string, string>;
  /** The answer that is being written, and to which question. */
  draft: Draft | null;
  draftOf: string | null;
  /** The question that the service did not take; it can be asked again, and the next one takes its place. */
  unsent: string | null;
  problem: Problem | null;
  /** What to ask again after a failure. */
  again: (() => Promise<void>) | null;
};

const NOTHING: Thread = {
  id: null,
  title: null,
  temporary: false,
  loading: false,
  messages: [],
  choices: new Map(),
  draft: null,
  draftOf: null,
  unsent: null,
  problem: null,
  again: null,
};

export const thread = signal<Thread>(NOTHING);
export const branch = computed(() => branchOf(thread.value.messages, thread.value.choices));
let running = new AbortController();

onForget(() => {
  running.abort();
  thread.value = NOTHING;
});

function change(members: Partial<Thread>): void {
  thread.value = { ...thread.value, ...members };
}

/** Shows a conversation, or an empty place for a new one. */
export async function openThread(id: string | null): Promise<void> {
  if (id === thread.value.id) return;
  running.abort();
  running = new AbortController();
  thread.value = { ...NOTHING, id, loading: id !== null };
  if (id !== null) await loadThread(id);
}

async function loadThread(id: string): Promise<void> {
  try {
    const found = (await take(
      api.GET("/api/conversations/{id}", { params: { path: { id } } }),
    )) as unknown as Conversation;
    if (thread.value.id !== id) return;
    change({ title: found.title ?? null, temporary: found.temporary, messages: found.messages, loading: false });
    const unfinished = found.messages.find(({ role, complete }) => role === "assistant" && !complete);
    if (unfinished && !thread.value.draft) await takeUp(id, unfinished);
  } catch (thrown) {
    if (thread.value.id === id) change({ loading: false, problem: asProblem(thrown), again: () => reload(id) });
  }
}

async function reload(id: string): Promise<void> {
  change({ problem: null, again: null, loading: true });
  await loadThread(id);
}

/** Goes on with an answer that was begun before this page was opened. */
async function takeUp(id: string, unfinished: Message): Promise<void> {
  const question = unfinished.parent_id ?? null;
  change({ messages: thread.value.messages.filter((message) => message !== unfinished) });
  await write(question, (follower) => follow(id, unfinished.id, follower));
}

/** Asks as the continuation of what is in view. */
export async function askNext(text: string, temporary: boolean): Promise<void> {
  dropUnsent();
  const last = branch.value.at(-1)?.message.id ?? null;
  if (thread.value.id === null && temporary) await beginTemporary();
  await askAfter(last, text, uuid7());
}

function dropUnsent(): void {
  const { messages, unsent } = thread.value;
  if (unsent) change({ messages: messages.filter(({ id }) => id !== unsent), unsent: null });
}

async function beginTemporary(): Promise<void> {
  const made = await take(api.POST("/api/conversations", { body: { temporary: true, title: null, model: null } }));
  change({ id: made.id, temporary: true });
}

/** Asks something else in the place of a question: a branch. */
export function askInstead(question: Message, text: string): Promise<void> {
  dropUnsent();
  return askAfter(question.parent_id ?? null, text, uuid7());
}

/** Has a question answered once more: a branch of answers. */
export function answerAgain(question: Message, answer: Message): Promise<void> {
  return askAfter(question.parent_id ?? null, question.content, question.id, answer.id);
}

export async function stopAnswer(): Promise<void> {
  const started = thread.value.draft?.started;
  if (!started) return running.abort();
  const path = { id: started.conversation_id, message: started.message_id };
  await take(api.POST("/api/conversations/{id}/messages/{message}/stop", { params: { path } }));
}

export function chooseBranch(message: Message): void {
  const { messages, choices } = thread.value;
  change({ choices: new Map([...choices, [choiceKey(messages, message), message.id]]) });
}

async function askAfter(parent: string | null, text: string, id: string, other: string | null = null): Promise<void> {
  const question = shownQuestion(parent, text, id);
  show(question);
  const named = thread.value.id && { conversation_id: thread.value.id };
  const body = { message: text, id, parent_id: parent, ...named, ...(other && { instead_of: other }) };
  const again = () => askAfter(parent, text, id, other);
  await write(id, (follower) => ask(body, follower), again);
}

function shownQuestion(parent: string | null, text: string, id: string): Message {
  const created_at = new Date().toISOString();
  return { id, parent_id: parent, role: "user", content: text, complete: true, created_at };
}

/** Puts a message into view, in the place of an older version of it. */
function show(message: Message): void {
  const messages = [...thread.value.messages.filter(({ id }) => id !== message.id), message];
  const choices = new Map([...thread.value.choices, [choiceKey(messages, message), message.id]]);
  // The order of the first telling stays: siblings are counted by it.
  messages.sort((a, b) => a.created_at.localeCompare(b.created_at));
  change({ messages, choices });
}

type Follower = { onDraft: (draft: Draft) => void; signal: AbortSignal };

async function write(
  question: string | null,
  work: (follower: Follower) => Promise<Message>,
  again: (() => Promise<void>) | null = null,
): Promise<void> {
  running.abort();
  running = new AbortController();
  const { signal } = running;
  change({ draft: EMPTY_DRAFT, draftOf: question, unsent: null, problem: null, again: null });
  const onDraft = (draft: Draft) => {
    if (signal.aborted) return;
    const begun = draft.started?.conversation_id;
    if (begun && thread.value.id === null) {
      change({ id: begun });
      go(to("chat", [begun]), "replace");
    }
    change({ draft });
  };
  try {
    const message = await work({ onDraft, signal });
    change({ draft: null, draftOf: null });
    show(message);
  } catch (thrown) {
    if (signal.aborted && thread.value.draftOf !== question) return;
    const { draft, id } = thread.value;
    change({ draft: null, draftOf: null });
    if (!draft?.started && again) change({ unsent: question });
    if (!wasAborted(thrown)) change({ problem: asProblem(thrown), again });
    // What was said until then is kept by the service.
    if (draft?.started && id) await refreshMessages(id);
  }
  void loadHistory();
}

async function refreshMessages(id: string): Promise<void> {
  const { data } = await api.GET("/api/conversations/{id}", { params: { path: { id } } });
  if (data && thread.value.id === id) change({ messages: (data as unknown as Conversation).messages });
}
