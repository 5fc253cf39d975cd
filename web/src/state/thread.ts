import { computed, signal } from "@preact/signals";
import { api, take } from "../api/client.ts";
import { asProblem, type Problem, wasAborted } from "../api/problem.ts";
import type { Conversation, Message } from "../api/types.ts";
import { branchOf, choiceKey } from "../lib/branches.ts";
import { go, place, to } from "../lib/router.ts";
import { uuid7 } from "../lib/uuid.ts";
import { ask, type Draft, EMPTY_DRAFT, follow } from "./answers.ts";
import { loadHistory } from "./conversations.ts";
import { onForget } from "./stores.ts";
import { keepWritten, moveWritten, writtenIn } from "./written.ts";

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
  /** The question that the service has not taken yet, or did not; it can be asked again, and the next one takes its place. */
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
/** Ends when another conversation is opened. */
let opened = new AbortController();
/** Ends the answer that is written; each answer has its own. */
let running = new AbortController();

onForget(() => startWith(NOTHING));

function startWith(next: Thread): void {
  opened.abort();
  running.abort();
  opened = new AbortController();
  running = new AbortController();
  thread.value = next;
}

function change(members: Partial<Thread>): void {
  thread.value = { ...thread.value, ...members };
}

/** Shows a conversation, or an empty place for a new one. */
export async function openThread(id: string | null): Promise<void> {
  if (id === thread.value.id) return;
  keepUnsent();
  startWith({ ...NOTHING, id, loading: id !== null });
  if (id !== null) await loadThread(id);
}

/** Shows an empty place, also in the stead of one where a first question has been asked and not been taken yet. */
export function newThread(): void {
  keepUnsent();
  startWith(NOTHING);
}

/** Who goes elsewhere finds what was not asked where it was written. */
function keepUnsent(): void {
  const { id, temporary, draft, messages, unsent } = thread.value;
  const question = messages.find((message) => message.id === unsent);
  const isUnderWay = draft !== null && !(temporary && id === null);
  if (question && !isUnderWay && writtenIn(id) === "") keepWritten(id, question.content);
}

async function loadThread(id: string): Promise<void> {
  const { signal } = opened;
  try {
    const found = (await take(
      api.GET("/api/conversations/{id}", { params: { path: { id } }, signal }),
    )) as unknown as Conversation;
    if (signal.aborted) return;
    change({ title: found.title ?? null, temporary: found.temporary, messages: found.messages, loading: false });
    const unfinished = found.messages.find(({ role, complete }) => role === "assistant" && !complete);
    if (unfinished && !thread.value.draft) await takeUp(id, unfinished);
  } catch (thrown) {
    if (signal.aborted || wasAborted(thrown)) return;
    change({ loading: false, problem: asProblem(thrown), again: () => reload(id) });
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
export function askNext(text: string, temporary: boolean): Promise<void> {
  dropUnsent();
  const parent = branch.value.at(-1)?.message.id ?? null;
  if (thread.value.id === null) change({ temporary });
  return askAfter({ parent, text, id: uuid7() });
}

function dropUnsent(): void {
  const { messages, unsent } = thread.value;
  if (unsent) change({ messages: messages.filter(({ id }) => id !== unsent), unsent: null });
}

async function beginTemporary(signal: AbortSignal): Promise<void> {
  const body = { temporary: true, title: null, model: null };
  const made = await take(api.POST("/api/conversations", { body, signal }));
  signal.throwIfAborted();
  hasBegun(made.id);
}

/** The conversation that began while one was in another view. */
let begunMeanwhile: string | null = null;

/** That conversation, told once. */
export function takeBegunMeanwhile(): string | null {
  const id = begunMeanwhile === thread.value.id ? begunMeanwhile : null;
  begunMeanwhile = null;
  return id;
}

/** What was an empty place is a conversation, and has its address. */
function hasBegun(id: string): void {
  change({ id });
  moveWritten(id);
  const { view, rest } = place.value;
  // Who has gone elsewhere meanwhile stays there, and finds it when they come back.
  if (view === "chat" && rest.length === 0) go(to("chat", [id]), "replace");
  else if (view !== "chat") begunMeanwhile = id;
}

/** Asks something else in the place of a question: a branch. */
export function askInstead(question: Message, text: string): Promise<void> {
  dropUnsent();
  return askAfter({ parent: question.parent_id ?? null, text, id: uuid7() });
}

/** Has a question answered once more: a branch of answers. */
export function answerAgain(question: Message, answer: Message): Promise<void> {
  return askAfter({ parent: question.parent_id ?? null, text: question.content, id: question.id, other: answer.id });
}

export async function stopAnswer(): Promise<void> {
  const started = thread.value.draft?.started;
  if (!started) return running.abort();
  const path = { id: started.conversation_id, message: started.message_id };
  await take(api.POST("/api/conversations/{id}/messages/{message}/stop", { params: { path } }));
}

/** Shows the branch that a message begins, in the place of those beside it. */
export function choose(message: Message): void {
  const { messages, choices } = thread.value;
  change({ choices: new Map([...choices, [choiceKey(messages, message), message.id]]) });
}

/** A question, new or asked before; `other` is the answer in whose place another one is wanted. */
type Asked = { parent: string | null; text: string; id: string; other?: string };

async function askAfter(asked: Asked): Promise<void> {
  const { parent, text, id } = asked;
  const known = thread.value.messages.find((message) => message.id === id);
  if (known) choose(known);
  else {
    show(shownQuestion(parent, text, id));
    change({ unsent: id });
  }
  await write(
    id,
    (follower) => tell(asked, follower),
    () => askAfter(asked),
  );
}

async function tell({ parent, text, id, other }: Asked, follower: Follower): Promise<Message> {
  if (thread.value.temporary && thread.value.id === null) await beginTemporary(follower.signal);
  const named = thread.value.id && { conversation_id: thread.value.id };
  return ask({ message: text, id, parent_id: parent, ...named, ...(other && { instead_of: other }) }, follower);
}

function shownQuestion(parent: string | null, text: string, id: string): Message {
  const created_at = new Date().toISOString();
  return { id, parent_id: parent, role: "user", content: text, complete: true, created_at };
}

/** Puts a message into view, in the place of an older version of it. */
function show(message: Message): void {
  const messages = [...thread.value.messages.filter(({ id }) => id !== message.id), message];
  // The order of the first telling stays: siblings are counted by it.
  messages.sort((a, b) => a.created_at.localeCompare(b.created_at));
  change({ messages });
  choose(message);
}

type Follower = { onDraft: (draft: Draft) => void; signal: AbortSignal };

async function write(
  question: string | null,
  work: (follower: Follower) => Promise<Message>,
  again: (() => Promise<void>) | null = null,
): Promise<void> {
  running.abort();
  const own = new AbortController();
  running = own;
  change({ draft: EMPTY_DRAFT, draftOf: question, problem: null, again: null });
  const onDraft = (draft: Draft) => {
    if (own.signal.aborted) return;
    if (draft.started && thread.value.id === null) {
      hasBegun(draft.started.conversation_id);
      // It is to be found there by who leaves before the answer ends.
      void loadHistory();
    }
    change({ draft, ...(draft.started && { unsent: null }) });
  };
  try {
    const message = await work({ onDraft, signal: own.signal });
    // Another conversation is in view by now, or another answer is written.
    if (running !== own) return;
    change({ draft: null, draftOf: null });
    show(message);
  } catch (thrown) {
    if (running !== own) return;
    const { draft, id } = thread.value;
    change({ draft: null, draftOf: null });
    if (!wasAborted(thrown)) change({ problem: asProblem(thrown), again });
    // The session is over.
    else if (!own.signal.aborted) return;
    // What was said until then is kept by the service.
    if (draft?.started && id) await refreshMessages(id, own);
  }
  void loadHistory();
}

async function refreshMessages(id: string, answer: AbortController): Promise<void> {
  const found = await api.GET("/api/conversations/{id}", { params: { path: { id } } }).catch(() => null);
  if (found?.data && running === answer) change({ messages: (found.data as unknown as Conversation).messages });
}
