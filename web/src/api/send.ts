import { currentToken, renewToken, sessionSignal } from "./tokens.ts";

/** So often a call waits for the rate limit before its answer is shown as it is. */
const PATIENCE = 4;
const LONGEST_WAIT = 20;

let heard: () => void = () => {};

/** Tells whenever the service answered somebody who is signed in: the session lives on from then. */
export function onHeard(listener: () => void): void {
  heard = listener;
}

/**
 * `fetch` with the token, a renewal if it is refused, and the patience that the rate limit asks for. Once the session is over it rejects as if
 * it had been aborted, so that nothing of one person is told to the next.
 */
export async function send(asked: Request): Promise<Response> {
  const request = new Request(asked, { signal: AbortSignal.any([asked.signal, sessionSignal()]) });
  let renewed = false;
  for (let attempt = 0; ; attempt += 1) {
    const next = request.clone();
    const token = await currentToken();
    if (token) next.headers.set("authorization", `Bearer ${token}`);
    const response = await fetch(next);
    if (token && response.status !== 401) heard();
    if (response.status === 401 && token && !renewed && (await isRefusedToken(response))) {
      renewed = true;
      if (await renewToken()) continue;
    }
    const wait = Number(response.headers.get("retry-after") ?? "0");
    if (response.status === 429 && attempt < PATIENCE && wait > 0 && wait <= LONGEST_WAIT && token) {
      await pause(wait * 1000, request.signal);
      continue;
    }
    return response;
  }
}

/** Whether it is the token that was refused, and not a password. */
async function isRefusedToken(response: Response): Promise<boolean> {
  const body = await response
    .clone()
    .json()
    .catch(() => null);
  return body?.code !== "invalid_credentials";
}

export function pause(milliseconds: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const stop = () => {
      clearTimeout(timer);
      reject(new DOMException("stopped", "AbortError"));
    };
    const timer = setTimeout(() => {
      signal?.removeEventListener("abort", stop);
      resolve();
    }, milliseconds);
    if (signal?.aborted) stop();
    signal?.addEventListener("abort", stop, { once: true });
  });
}
