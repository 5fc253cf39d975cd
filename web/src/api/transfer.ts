import { strings } from "../strings.ts";
import { parsed } from "./client.ts";
import { Problem, problemOf } from "./problem.ts";
import { currentToken } from "./tokens.ts";

export type Sending = {
  method: "POST" | "PUT" | "PATCH";
  url: string;
  body: FormData | Blob;
  headers?: Record<string, string>;
  /** Whether the token goes along; an address of a ticket needs none. */
  signed: boolean;
  /** Whether what arrived before it stays where the connection breaks off. */
  isKept?: boolean;
  signal: AbortSignal;
  onSent: (bytes: number) => void;
};

/** Sends bytes and tells how many are gone, which `fetch` cannot. The answer's JSON; a refusal is thrown as a {@link Problem}. */
export async function transfer(sending: Sending): Promise<unknown> {
  const token = sending.signed ? await currentToken() : null;
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    const abort = () => request.abort();
    request.open(sending.method, sending.url);
    if (token) request.setRequestHeader("authorization", `Bearer ${token}`);
    for (const [name, value] of Object.entries(sending.headers ?? {})) request.setRequestHeader(name, value);
    request.upload.onprogress = (event) => sending.onSent(event.loaded);
    request.onload = () => {
      const body = parsed(request.responseText);
      if (request.status >= 200 && request.status < 300) resolve(body);
      else reject(problemOf(request.status, body, (name) => request.getResponseHeader(name)));
    };
    request.onerror = () => {
      const detail = sending.isKept ? strings.problem.brokenOffKept : strings.problem.brokenOffDetail;
      reject(new Problem({ code: "offline", title: strings.problem.brokenOff, detail }));
    };
    request.onabort = () => reject(new DOMException("stopped", "AbortError"));
    request.onloadend = () => sending.signal.removeEventListener("abort", abort);
    sending.signal.addEventListener("abort", abort, { once: true });
    if (sending.signal.aborted) reject(new DOMException("stopped", "AbortError"));
    else request.send(sending.body);
  });
}
