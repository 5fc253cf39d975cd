import type { Excerpt } from "../lib/excerpt.ts";

/** Lines of a document with a mark at the place of its fault. */
export function ExcerptView({ excerpt: { lines, line, column } }: { excerpt: Excerpt }) {
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls sideways has to be reached by the keyboard.
    <pre class="excerpt" tabIndex={0}>
      {lines.map(({ number, text }) => (
        <div key={number} class={number === line ? "at" : ""}>
          <span class="gutter">{number}</span>
          {number === line && column !== undefined ? <Marked text={text} column={column} /> : text || " "}
        </div>
      ))}
    </pre>
  );
}

/** The mark is in the text itself: letters and tabs are of many widths. */
function Marked({ text, column }: { text: string; column: number }) {
  const letters = [...text];
  const at = Math.min(Math.max(0, column - 1), letters.length);
  return (
    <>
      {letters.slice(0, at).join("")}
      <mark>{letters[at] ?? " "}</mark>
      {letters.slice(at + 1).join("")}
    </>
  );
}
