import { signal } from "@preact/signals";
import { asProblem, wasAborted } from "../api/problem.ts";

/** Something to be seen in passing, and heard by a screen reader. */
export type Notice = { id: number; tone: "good" | "bad"; text: string; detail?: string | undefined };

export const notices = signal<Notice[]>([]);
const SHOWN = { good: 4000, bad: 9000 };
let last = 0;

export function notify(tone: Notice["tone"], text: string, detail?: string): void {
  last += 1;
  const id = last;
  notices.value = [...notices.value.slice(-3), { id, tone, text, detail }];
  setTimeout(() => dismiss(id), SHOWN[tone]);
}

export function dismiss(id: number): void {
  notices.value = notices.value.filter((notice) => notice.id !== id);
}

/** Runs something whose failure has no place of its own in the view. */
export async function attempt(work: () => Promise<void>): Promise<boolean> {
  try {
    await work();
    return true;
  } catch (thrown) {
    if (wasAborted(thrown)) return false;
    const problem = asProblem(thrown);
    if (!problem.endsSession) notify("bad", problem.title, problem.detail);
    return false;
  }
}
