export type Token = { kind: "keyword" | "name" | "text" | "number" | "comment" | "space" | "sign"; text: string };

const KEYWORDS =
  "select from where group by order having limit offset join left inner outer cross on as and or not in is null like between case when then else end distinct union all except intersect with asc desc exists count sum avg min max cast using over partition values".split(
    " ",
  );
const RESERVED = new Set([
  ...KEYWORDS,
  "table",
  "index",
  "to",
  "set",
  "default",
  "check",
  "add",
  "key",
  "primary",
  "references",
  "transaction",
  "commit",
  "create",
  "drop",
  "delete",
  "update",
  "insert",
  "into",
]);
const FUNCTIONS = new Set(["count", "sum", "avg", "min", "max", "cast"]);
const PATTERN =
  /(--[^\n]*|\/\*[\s\S]*?(?:\*\/|$))|('(?:[^']|'')*'?)|("(?:[^"]|"")*"?|\[[^\]\n]*\]?|`[^`]*`?)|(\d+(?:\.\d+)?)|([@\p{L}_][\p{L}\p{N}_$]*)|(\s+)|([\s\S])/gu;
const KINDS = ["comment", "text", "name", "number", "name", "space", "sign"] as const;

/** The parts of a statement, which together are its text. */
export function tokensOf(sql: string): Token[] {
  return [...sql.matchAll(PATTERN)].map((match) => {
    const group = match.slice(1).findIndex((part) => part !== undefined);
    const kind = KINDS[group] ?? "sign";
    const isKeyword = group === 4 && KEYWORDS.includes(match[0].toLowerCase());
    return { kind: isKeyword ? "keyword" : kind, text: match[0] };
  });
}

/** A name as SQL takes it: in quotes unless it is plain. */
export function quoted(name: string): string {
  const isPlain = /^[\p{L}_][\p{L}\p{N}_]*$/u.test(name) && !RESERVED.has(name.toLowerCase());
  return isPlain ? name : `"${name.replaceAll('"', '""')}"`;
}

export type Completion = {
  kind: "table" | "column" | "keyword";
  label: string;
  insert: string;
  detail?: string | undefined;
};
export type Completions = { from: number; to: number; items: Completion[] };

type Known = { name: string; columns: { name: string; type: string }[] };
const ITEMS = 12;

/** What may stand where the caret is. Without `explicit` nothing is offered before a letter is typed. */
export function completionsAt(sql: string, caret: number, tables: Known[], explicit: boolean): Completions | null {
  const tokens = tokensOf(sql);
  let end = 0;
  const at = tokens.findIndex(({ text }) => {
    end += text.length;
    return end >= caret;
  });
  const token = tokens[at];
  const inside = token?.kind === "name" || token?.kind === "keyword";
  if (token && (token.kind === "text" || token.kind === "comment" || token.kind === "number") && end > caret - 1)
    return null;
  const typed = inside ? token.text.slice(0, caret - (end - token.text.length)) : "";
  const owner = ownerBefore(tokens, inside ? at : at + 1);
  if (typed === "" && owner === null && !explicit) return null;
  const from = caret - typed.length;
  const items = candidates(tokens, tables, owner).filter((item) => fits(item, typed));
  items.sort((a, b) => rank(a.label, typed) - rank(b.label, typed));
  const isWhole = items.length === 1 && items[0]?.insert === typed;
  return items.length === 0 || isWhole ? null : { from, to: inside ? end : caret, items: items.slice(0, ITEMS) };
}

/** The name before a dot: `book` in `book.ti`. */
function ownerBefore(tokens: Token[], at: number): string | null {
  return tokens[at - 1]?.text === "." ? bare(tokens[at - 2]?.text ?? "") : null;
}

function candidates(tokens: Token[], tables: Known[], owner: string | null): Completion[] {
  const used = usedTables(tokens, tables);
  const columnsOf = (table: Known): Completion[] =>
    table.columns.map(({ name, type }) => ({
      kind: "column",
      label: name,
      insert: quoted(name),
      detail: used.size > 1 && owner === null ? `${table.name} · ${type}` : type,
    }));
  if (owner !== null) {
    const table = used.get(owner.toLowerCase()) ?? tables.find(({ name }) => same(name, owner));
    return table ? columnsOf(table) : [];
  }
  const columns = [...new Set(used.values())].flatMap(columnsOf);
  const names: Completion[] = tables.map(({ name }) => ({ kind: "table", label: name, insert: quoted(name) }));
  const keywords: Completion[] = KEYWORDS.map((word) => ({
    kind: "keyword",
    label: word.toUpperCase(),
    insert: word.toUpperCase() + (FUNCTIONS.has(word) ? "(" : ""),
  }));
  const seen = new Set<string>();
  return [...columns, ...names, ...keywords].filter(({ kind, insert }) => {
    const isNew = !seen.has(kind + insert);
    seen.add(kind + insert);
    return isNew;
  });
}

/** The tables that a statement names, by their names and by the names it gives them. */
function usedTables(tokens: Token[], tables: Known[]): Map<string, Known> {
  const used = new Map<string, Known>();
  const words = tokens.filter(({ kind }) => kind !== "space" && kind !== "comment");
  words.forEach((token, at) => {
    if (token.kind !== "name" || words[at - 1]?.text === ".") return;
    const table = tables.find(({ name }) => same(name, bare(token.text)));
    if (!table) return;
    used.set(table.name.toLowerCase(), table);
    const next = words[at + 1];
    const alias = next?.text.toLowerCase() === "as" ? words[at + 2] : next;
    if (alias?.kind === "name") used.set(bare(alias.text).toLowerCase(), table);
  });
  return used;
}

const same = (one: string, other: string) => one.toLowerCase() === other.toLowerCase();
const bare = (name: string) => name.replace(/^["[`]|["\]`]$/g, "").replaceAll('""', '"');
/** Names are found by any part of them, words of the language by their beginning. */
function fits({ kind, label }: Completion, typed: string): boolean {
  const at = label.toLowerCase().indexOf(bare(typed).toLowerCase());
  return kind === "keyword" ? at === 0 : at >= 0;
}

/** Those that begin with what was typed come first; else all stay in their order. */
function rank(label: string, typed: string): number {
  return label.toLowerCase().startsWith(bare(typed).toLowerCase()) ? 0 : 1;
}
