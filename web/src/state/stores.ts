const stores: (() => void)[] = [];

/** Says how a store becomes empty again when the session is over. */
export function onForget(clear: () => void): void {
  stores.push(clear);
}

/** Empties everything that was known of a session. */
export function forget(): void {
  for (const clear of stores) clear();
}
