import type { ComponentChildren } from "preact";
import { useMemo } from "preact/hooks";
import { download } from "../api/download.ts";
import { splitPath } from "../lib/format.ts";
import { type Block, blocksOf, type Inline } from "../lib/markdown.ts";
import { attempt } from "../state/notices.ts";
import { strings } from "../strings.ts";
import { Wide } from "../ui/parts.tsx";

type Cite = (number: number) => ComponentChildren;

/** The text of an answer; `cite` draws a citation. */
export function Markdown({ text, cite }: { text: string; cite: Cite }) {
  const blocks = useMemo(() => blocksOf(text), [text]);
  return (
    <div class="prose">
      {blocks.map((block, at) => (
        <BlockView key={at} block={block} cite={cite} />
      ))}
    </div>
  );
}

function BlockView({ block, cite }: { block: Block; cite: Cite }) {
  switch (block.kind) {
    case "code":
      return <pre>{block.text}</pre>;
    case "heading":
      return <h3>{inline(block.children, cite)}</h3>;
    case "paragraph":
      return <p>{inline(block.children, cite)}</p>;
    case "list": {
      const items = block.items.map((item, at) => <li key={at}>{inline(item, cite)}</li>);
      return block.ordered ? <ol>{items}</ol> : <ul>{items}</ul>;
    }
    case "table":
      return (
        <Wide label={strings.chat.table}>
          <table class="plain">
            <thead>
              <tr>
                {block.head.map((cell, at) => (
                  <th key={at} scope="col">
                    {inline(cell, cite)}
                  </th>
                ))}
              </tr>
            </thead>
            <tbody>
              {block.rows.map((row, at) => (
                <tr key={at}>
                  {row.map((cell, place) => (
                    <td key={place}>{inline(cell, cite)}</td>
                  ))}
                </tr>
              ))}
            </tbody>
          </table>
        </Wide>
      );
  }
}

function inline(parts: Inline[], cite: Cite): ComponentChildren {
  return parts.map((part, at) => {
    switch (part.kind) {
      case "text":
        return part.text;
      case "code":
        return <code key={at}>{part.text}</code>;
      case "strong":
        return <strong key={at}>{inline(part.children, cite)}</strong>;
      case "emphasis":
        return <em key={at}>{inline(part.children, cite)}</em>;
      case "citation":
        return cite(part.number);
      default:
        return <FileLink key={at} address={part.address} text={part.text} />;
    }
  });
}

function FileLink({ address, text }: { address: string; text: string }) {
  const fetchIt = () => attempt(() => download(address, splitPath(decodeURIComponent(address)).name));
  return (
    <button type="button" class="link" onClick={fetchIt}>
      {text}
    </button>
  );
}
