import { signal } from "@preact/signals";
import { api, take } from "../api/client.ts";
import { asProblem } from "../api/problem.ts";
import { onHeard } from "../api/send.ts";
import { clearToken, onRenew, setToken } from "../api/tokens.ts";
import type { Grant, Removed, User } from "../api/types.ts";
import { go, to } from "../lib/router.ts";
import { attempt } from "./notices.ts";

/** Why nobody is signed in. */
export type Ending =
  | { why: "none" }
  | { why: "expired" }
  | { why: "signed-out"; removed: Removed | null; elsewhere: boolean };

export type Session =
  | { phase: "starting" }
  | { phase: "in"; id: string; user: User }
  | { phase: "out"; ending: Ending };

export const session = signal<Session>({ phase: "starting" });
/** When the session ends if nothing more is heard of it, in the time of `performance.now()`; null until it is known. */
export const sessionEnd = signal<number | null>(null);

type Word = { kind: "grant"; grant: Grant } | { kind: "out"; removed: Removed | null };

/** A sign that a cookie may be there; without it nothing is asked of the service at the start. */
const HINT = "ret.session";
const tabs = new BroadcastChannel("ret.session");
let grant: Grant | null = null;
/** Who was signed in last. */
let person: string | null = null;
let idleFor: number | null = null;
let renewing: Promise<boolean> | null = null;

/** Takes up a session that another tab, or the cookie, still has. */
export async function startSession(): Promise<void> {
  onRenew(renew);
  onHeard(() => {
    if (idleFor !== null) sessionEnd.value = performance.now() + idleFor;
  });
  tabs.onmessage = ({ data }: MessageEvent<Word>) => hear(data);
  if (localStorage.getItem(HINT) && (await renew())) return;
  if (session.value.phase === "starting") session.value = { phase: "out", ending: { why: "none" } };
}

export async function signIn(username: string, password: string): Promise<void> {
  const granted = await take(api.POST("/api/auth/login", { body: { username, password } }));
  adopt(granted);
  tell({ kind: "grant", grant: granted });
}

export async function signOut(): Promise<void> {
  const { removed } = await take(api.POST("/api/logout"));
  tell({ kind: "out", removed });
  end({ why: "signed-out", removed, elsewhere: false });
}

export async function changePassword(current: string, next: string): Promise<void> {
  await take(api.POST("/api/auth/password", { body: { current_password: current, new_password: next } }));
}

/** Asks the service when the session ends, which also makes it live on. */
export async function refreshEnd(): Promise<void> {
  const asked = performance.now();
  const { data, response } = await api.GET("/api/auth/me");
  if (!data) return;
  const now = Date.parse(response.headers.get("date") ?? "") || Date.now();
  idleFor = Math.max(0, Date.parse(data.session.expires_at) - now);
  sessionEnd.value = asked + idleFor;
}

/** One renewal at a time, over all tabs: a token that is used twice would end the session. */
function renew(): Promise<boolean> {
  renewing ??= locked(renewNow).finally(() => {
    renewing = null;
  });
  return renewing;
}

async function locked(work: () => Promise<boolean>): Promise<boolean> {
  const before = grant;
  if (!navigator.locks) return work();
  // Another tab may have renewed it while this one waited for its turn.
  return navigator.locks.request("ret.session", () => (grant !== before && grant !== null ? true : work()));
}

async function renewNow(): Promise<boolean> {
  const before = grant;
  try {
    // Past the client: a refusal here must not ask for a renewal again.
    const response = await fetch("/api/auth/refresh", { method: "POST" });
    const granted = response.ok ? ((await response.json()) as Grant) : null;
    // Somebody signed out or in meanwhile: the answer is about a session that is no longer that of the page.
    if (grant !== before) return grant !== null;
    if (!granted) {
      if (response.status === 401) {
        const wasIn = session.value.phase === "in";
        end({ why: wasIn ? "expired" : "none" });
      }
      return false;
    }
    adopt(granted);
    tell({ kind: "grant", grant: granted });
    return true;
  } catch (thrown) {
    // The service is away: the session may well be there when it is back.
    asProblem(thrown);
    return false;
  }
}

function adopt(granted: Grant): void {
  grant = granted;
  setToken(granted.access_token, granted.expires_in);
  localStorage.setItem(HINT, "1");
  const known = session.value;
  if (known.phase === "in" && known.id !== granted.session_id) {
    // Another tab has begun another session, maybe of somebody else: nothing of this one may stay, not even what is under way.
    location.reload();
  } else if (known.phase !== "in") {
    if (person !== null && person !== granted.user.id) leaveAddress();
    person = granted.user.id;
    session.value = { phase: "in", id: granted.session_id, user: granted.user };
    void attempt(refreshEnd);
  }
}

export function end(ending: Ending): void {
  grant = null;
  idleFor = null;
  clearToken();
  localStorage.removeItem(HINT);
  sessionEnd.value = null;
  if (ending.why === "signed-out") leaveAddress();
  session.value = { phase: "out", ending };
}

/** What stands in the address, as a statement or a filter, is of one person. */
function leaveAddress(): void {
  go(to("upload"), "replace");
}

function hear(word: Word): void {
  if (word.kind === "grant") adopt(word.grant);
  else if (word.kind === "out" && session.value.phase === "in") {
    end({ why: "signed-out", removed: word.removed, elsewhere: true });
  }
}

function tell(word: Word): void {
  tabs.postMessage(word);
}
