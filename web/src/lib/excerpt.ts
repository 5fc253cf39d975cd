/** Lines around a place of a text, from 1. */
export type Excerpt = {
  lines: { number: number; text: string; cut: boolean }[];
  line: number;
  column: number | undefined;
};

const AROUND = 2;
/** Characters that are shown of a long line. */
const WIDTH = 160;
/** So far a document is read to find the place. */
const BYTES_AT_MOST = 32 * 1024 * 1024;

/** Reads as far as the place and gives the lines around it; null if the text ends before, or the place is too far in. */
export async function excerptOf(
  stream: ReadableStream<Uint8Array<ArrayBuffer>>,
  line: number,
  column: number | undefined,
): Promise<Excerpt | null> {
  const lines: { number: number; text: string; cut: boolean }[] = [];
  let number = 1;
  let rest = "";
  let read = 0;
  const reader = stream.pipeThrough(new TextDecoderStream()).getReader();
  const keep = (text: string) => {
    if (number >= line - AROUND && number <= line + AROUND)
      lines.push(cutTo(number, text, number === line ? column : 1));
    number += 1;
  };
  try {
    while (number <= line + AROUND && read < BYTES_AT_MOST) {
      const { value, done } = await reader.read();
      if (done) {
        keep(rest);
        break;
      }
      read += value.length;
      const parts = (rest + value).split(/\r\n|\n/);
      rest = parts.pop() ?? "";
      for (const part of parts) keep(part);
    }
  } finally {
    void reader.cancel().catch(() => undefined);
  }
  const at = lines.find((found) => found.number === line);
  if (!at) return null;
  const shift = column !== undefined && column > WIDTH / 2 ? Math.max(0, column - WIDTH / 2) : 0;
  return { lines, line, column: column === undefined ? undefined : column - shift + (shift > 0 ? 1 : 0) };
}

function cutTo(number: number, text: string, column: number | undefined) {
  const from = column !== undefined && column > WIDTH / 2 ? Math.max(0, column - WIDTH / 2) : 0;
  const part = [...text].slice(from, from + WIDTH).join("");
  const cut = from > 0 || from + WIDTH < text.length;
  return { number, text: (from > 0 ? "…" : "") + part, cut };
}
