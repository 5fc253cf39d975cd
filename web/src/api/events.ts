/** One server-sent event. */
export type ServerEvent = { name: string; id: string | undefined; data: string };

/** Splits a stream of server-sent events, as the HTML standard describes them; comments only keep the connection alive. */
export class EventParser {
  #rest = "";
  #name = "";
  #id: string | undefined;
  #data: string[] = [];

  /** The events that are complete with this piece of text. */
  push(text: string): ServerEvent[] {
    const lines = (this.#rest + text).split(/\r\n|\n|\r(?!$)/);
    this.#rest = lines.pop() ?? "";
    return lines.flatMap((line) => this.#line(line));
  }

  #line(line: string): ServerEvent[] {
    if (line === "") {
      const event = { name: this.#name || "message", id: this.#id, data: this.#data.join("\n") };
      const empty = this.#data.length === 0;
      this.#name = "";
      this.#data = [];
      return empty ? [] : [event];
    }
    const colon = line.indexOf(":");
    if (colon === 0) return [];
    const field = colon < 0 ? line : line.slice(0, colon);
    const value = colon < 0 ? "" : line.slice(colon + 1).replace(/^ /, "");
    if (field === "event") this.#name = value;
    else if (field === "data") this.#data.push(value);
    else if (field === "id") this.#id = value;
    return [];
  }
}

/** The events of an answer as they come; ends when the connection does. */
export async function* eventsOf(response: Response): AsyncGenerator<ServerEvent> {
  if (!response.body) return;
  const parser = new EventParser();
  for await (const text of response.body.pipeThrough(new TextDecoderStream())) {
    yield* parser.push(text);
  }
}
