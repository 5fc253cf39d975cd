import { signal } from "@preact/signals";
import { onForget } from "./stores.ts";

/** Questions that are not asked yet, by the conversation that they are for; `""` is one that has not begun. */
const written = signal<ReadonlyMap<string, string>>(new Map());
/** Whether nothing of the next new conversation is to be kept. */
export const keepNothing = signal(false);
onForget(() => {
  written.value = new Map();
  keepNothing.value = false;
});

export function writtenIn(conversation: string | null): string {
  return written.value.get(conversation ?? "") ?? "";
}

export function keepWritten(conversation: string | null, text: string): void {
  const next = new Map(written.value);
  if (text === "") next.delete(conversation ?? "");
  else next.set(conversation ?? "", text);
  written.value = next;
}

/** What was written where a conversation began belongs to it. */
export function moveWritten(conversation: string): void {
  const text = writtenIn(null);
  keepWritten(null, "");
  if (text !== "") keepWritten(conversation, text);
}
