// The little markup that answers have. Everything else stays the text that it is: no images, no addresses, no markup of pages.

export type Inline =
  | { kind: "text" | "code"; text: string }
  | { kind: "strong" | "emphasis"; children: Inline[] }
  | { kind: "citation"; number: number }
  | { kind: "file"; address: string; text: string };

export type Block =
  | { kind: "paragraph" | "heading"; children: Inline[] }
  | { kind: "code"; text: string }
  | { kind: "list"; ordered: boolean; items: Inline[][] }
  | { kind: "table"; head: Inline[][]; rows: Inline[][][] };

const BULLET = /^\s*[-*+]\s+(.*)$/;
const NUMBERED = /^\s*\d{1,4}[.)]\s+(.*)$/;
const HEADING = /^#{1,6}\s+(.*?)\s*#*$/;
const FENCE = /^\s*(?:```|~~~)/;
const TABLE_RULE = /^\s*\|?\s*:?-+:?\s*(?:\|\s*:?-+:?\s*)*\|?\s*$/;

/** The blocks of a text; of one that is still being written, as far as it is. */
export function blocksOf(text: string): Block[] {
  const lines = text.split("\n");
  const blocks: Block[] = [];
  let paragraph: string[] = [];
  const flush = () => {
    if (paragraph.length > 0) blocks.push({ kind: "paragraph", children: inlinesOf(paragraph.join("\n")) });
    paragraph = [];
  };
  for (let at = 0; at < lines.length; at += 1) {
    const line = lines[at] ?? "";
    const heading = HEADING.exec(line);
    if (FENCE.test(line)) {
      flush();
      const end = lines.findIndex((other, place) => place > at && FENCE.test(other));
      const last = end < 0 ? lines.length : end;
      blocks.push({ kind: "code", text: lines.slice(at + 1, last).join("\n") });
      at = last;
    } else if (heading) {
      flush();
      blocks.push({ kind: "heading", children: inlinesOf(heading[1] ?? "") });
    } else if (BULLET.test(line) || NUMBERED.test(line)) {
      flush();
      const ordered = !BULLET.test(line);
      const pattern = ordered ? NUMBERED : BULLET;
      const items: Inline[][] = [];
      while (at < lines.length && pattern.test(lines[at] ?? "")) {
        items.push(inlinesOf(pattern.exec(lines[at] ?? "")?.[1] ?? ""));
        at += 1;
      }
      at -= 1;
      blocks.push({ kind: "list", ordered, items });
    } else if (line.includes("|") && TABLE_RULE.test(lines[at + 1] ?? "") && (lines[at + 1] ?? "").includes("-")) {
      flush();
      const head = cellsOf(line);
      const rows: Inline[][][] = [];
      at += 2;
      while (at < lines.length && (lines[at] ?? "").includes("|")) {
        rows.push(cellsOf(lines[at] ?? ""));
        at += 1;
      }
      at -= 1;
      blocks.push({ kind: "table", head, rows });
    } else if (line.trim() === "") flush();
    else paragraph.push(line);
  }
  flush();
  return blocks;
}

function cellsOf(line: string): Inline[][] {
  const inner = line.trim().replace(/^\||(?<!\\)\|$/g, "");
  return inner.split(/(?<!\\)\|/).map((cell) => inlinesOf(cell.trim().replaceAll("\\|", "|")));
}

const INLINE = new RegExp(
  [
    // A sign behind a backslash is itself and no markup, as what could be markup leaves the service.
    "\\\\(?<escaped>[!-/:-@[-`{-~])",
    "`(?<code>[^`\\n]+)`",
    "\\*\\*(?<strong>[^*\\n]+(?:\\*[^*\\n]+)*)\\*\\*",
    "(?<![\\w*])\\*(?<emphasis>(?!\\s)(?:\\\\.|[^*\\n\\\\])+)\\*(?!\\w)",
    "!?\\[(?<label>[^[\\]\\n]{0,500})\\]\\((?<address>[^()\\s]{0,2000})[^()\\n]{0,500}\\)",
    "\\[(?<number>\\d{1,3})\\??\\]",
  ].join("|"),
  "g",
);

export function inlinesOf(text: string): Inline[] {
  const parts: Inline[] = [];
  let words = "";
  const flush = () => {
    if (words !== "") parts.push({ kind: "text", text: words });
    words = "";
  };
  let from = 0;
  for (const match of text.matchAll(INLINE)) {
    words += text.slice(from, match.index);
    from = match.index + match[0].length;
    const { escaped, ...found } = match.groups ?? {};
    if (escaped !== undefined) words += escaped;
    else {
      flush();
      parts.push(...inlineOf(found));
    }
  }
  words += text.slice(from);
  flush();
  return parts;
}

const unescaped = (text: string) => text.replace(/\\([!-/:-@[-`{-~])/g, "$1");

function inlineOf(found: Record<string, string | undefined>): Inline[] {
  const { code, strong, emphasis, label, address, number } = found;
  // In code a backslash is itself, but for those that the service has set.
  if (code !== undefined) {
    return [{ kind: "code", text: code.replace(/\\\[(\d+\??)\\\]/g, "[$1]").replace(/\\(?=<[\w/!?])/g, "") }];
  }
  if (strong !== undefined) return [{ kind: "strong", children: inlinesOf(strong) }];
  if (emphasis !== undefined) return [{ kind: "emphasis", children: inlinesOf(emphasis) }];
  if (number !== undefined) return [{ kind: "citation", number: Number(number) }];
  // Files of this service may be named; any other address is left out, and its words stay.
  const isOwn = /^\/api\/(?:files\/|download$)/.test(address ?? "") && !(address ?? "").includes("..");
  const words = unescaped(label ?? "");
  if (isOwn && address) return [{ kind: "file", address, text: words || address }];
  return words ? [{ kind: "text", text: words }] : [];
}
