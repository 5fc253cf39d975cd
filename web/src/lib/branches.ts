type Said = { id: string; parent_id?: string | null };

/** A message of the branch in view, and the others that follow the same one. */
export type Step<M extends Said> = { message: M; place: number; siblings: M[] };

/**
 * The branch from the first message to the last. Where several follow one message the chosen one is taken, by `choices` from the id of the
 * message that they follow (`""` of the first), else the newest.
 */
export function branchOf<M extends Said>(messages: M[], choices: ReadonlyMap<string, string>): Step<M>[] {
  const followers = new Map<string, M[]>();
  const known = new Set(messages.map(({ id }) => id));
  for (const message of messages) {
    const parent = message.parent_id && known.has(message.parent_id) ? message.parent_id : "";
    followers.set(parent, [...(followers.get(parent) ?? []), message]);
  }
  const steps: Step<M>[] = [];
  const passed = new Set<string>();
  let at = "";
  for (;;) {
    const siblings = followers.get(at) ?? [];
    const chosen = siblings.findIndex(({ id }) => id === choices.get(at));
    const place = chosen < 0 ? siblings.length - 1 : chosen;
    const message = siblings[place];
    if (!message || passed.has(message.id)) return steps;
    steps.push({ message, place, siblings });
    passed.add(message.id);
    at = message.id;
  }
}

/** The key under which a choice between a message and its siblings is kept. */
export function choiceKey(messages: Said[], { parent_id }: Said): string {
  return parent_id && messages.some(({ id }) => id === parent_id) ? parent_id : "";
}
