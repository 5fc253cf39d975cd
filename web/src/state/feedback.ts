import { api, take } from "../api/client.ts";
import type { Message } from "../api/types.ts";
import { thread } from "./thread.ts";

export type Rating = "up" | "down";

/** What was thought of an answer, if it was said here. */
export function ratingOf({ feedback }: Message): Rating | null {
  const rating = typeof feedback === "object" && feedback !== null && "rating" in feedback ? feedback.rating : null;
  return rating === "up" || rating === "down" ? rating : null;
}

/** Keeps what is thought of an answer; null takes it back. */
export async function rate(message: Message, rating: Rating | null): Promise<void> {
  const { id } = thread.value;
  if (id === null) return;
  const feedback = rating && { rating };
  const params = { path: { id, message: message.id } };
  await take(api.PUT("/api/conversations/{id}/messages/{message}/feedback", { params, body: feedback }));
  const messages = thread.value.messages.map((one) => (one.id === message.id ? { ...one, feedback } : one));
  thread.value = { ...thread.value, messages };
}
