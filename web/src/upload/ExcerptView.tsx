import type { Excerpt } from "../lib/excerpt.ts";

/** Lines of a document with a mark below the place of its fault. */
export function ExcerptView({ excerpt }: { excerpt: Excerpt }) {
  const { column } = excerpt;
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls sideways has to be reached by the keyboard.
    <pre class="excerpt" tabIndex={0}>
      {excerpt.lines.map(({ number, text }) => (
        <div key={number} class={number === excerpt.line ? "at" : ""}>
          <span class="gutter">{number}</span>
          {text || " "}
          {number === excerpt.line && column !== undefined && (
            <div class="caret" aria-hidden="true">
              <span class="gutter" />
              {`${" ".repeat(Math.max(0, column - 1))}^`}
            </div>
          )}
        </div>
      ))}
    </pre>
  );
}
