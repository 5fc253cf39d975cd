/** The access token lives in memory only; the refresh token in a cookie that no script can read. */
let token: { value: string; until: number } | null = null;
let renew: () => Promise<boolean> = async () => false;
let session = new AbortController();

/** A token that runs out within so many milliseconds is renewed before it is used. */
const EARLY = 30_000;

export function setToken(value: string, seconds: number): void {
  token = { value, until: performance.now() + seconds * 1000 };
}

/** Forgets the token, and gives up every call that is under way: its answer is for nobody who signs in next. */
export function clearToken(): void {
  token = null;
  session.abort();
  session = new AbortController();
}

/** Ends with the session of now. */
export function sessionSignal(): AbortSignal {
  return session.signal;
}

export function onRenew(how: () => Promise<boolean>): void {
  renew = how;
}

export function renewToken(): Promise<boolean> {
  return renew();
}

/** The token to send now, renewed if it is about to run out; none if nobody is signed in. */
export async function currentToken(): Promise<string | null> {
  if (token && token.until - performance.now() < EARLY) await renew();
  return token?.value ?? null;
}
