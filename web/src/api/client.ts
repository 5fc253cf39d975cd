import createClient from "openapi-fetch";
import { exactJson } from "../lib/exact.ts";
import { Problem, problemOf } from "./problem.ts";
import type { paths } from "./schema.ts";
import { send } from "./send.ts";

/** The calls of the service, as its contract describes them. */
export const api = createClient<paths>({ baseUrl: location.origin, fetch: send });

type Answer<T> = { data?: T; error?: unknown; response: Response };

/** The body of a successful answer; anything else is thrown as a {@link Problem}. */
export async function take<T>(call: Promise<Answer<T>>): Promise<T> {
  const { data, error, response } = await call;
  if (response.ok) return data as T;
  const body = typeof error === "string" ? parsed(error) : error;
  throw problemOf(response.status, body, (name) => response.headers.get(name));
}

/** The same of a call that tells cells, which is made with `parseAs: "text"`: whole numbers are not rounded. */
export async function takeCells<T>(call: Promise<Answer<string>>): Promise<T> {
  return exactJson(await take(call)) as T;
}

/** A call outside of the contract's JSON: streams and files. */
export async function open(path: string, init: RequestInit = {}): Promise<Response> {
  const response = await send(new Request(new URL(path, location.origin), init));
  if (response.ok) return response;
  const body = parsed(await response.text());
  throw problemOf(response.status, body, (name) => response.headers.get(name));
}

/** All items of a list that comes in pages, up to a number of pages. */
export async function allPages<T>(
  page: (cursor: string | undefined) => Promise<{ items: T[]; next_cursor?: string | null }>,
  pagesAtMost = 20,
): Promise<{ items: T[]; complete: boolean }> {
  const items: T[] = [];
  let cursor: string | undefined;
  for (let number = 0; number < pagesAtMost; number += 1) {
    const answer = await page(cursor);
    items.push(...answer.items);
    if (!answer.next_cursor) return { items, complete: true };
    cursor = answer.next_cursor;
  }
  return { items, complete: false };
}

export function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

export { Problem };
