import { open, parsed } from "../api/client.ts";
import { eventsOf, type ServerEvent } from "../api/events.ts";
import { asProblem, Problem, wasAborted } from "../api/problem.ts";
import { pause } from "../api/send.ts";
import type { AnswerDetails, ChartSpecification, Citation, Message } from "../api/types.ts";
import { strings } from "../strings.ts";

export type Started = { conversation_id: string; question_id: string; message_id: string; model: string };
export type Step = { name: string; arguments: unknown; error: string | null };

/** An answer while it is written. */
export type Draft = {
  started: Started | null;
  text: string;
  steps: Step[];
  citations: Citation[];
  charts: ChartSpecification[];
  broken: boolean;
};

export const EMPTY_DRAFT: Draft = { started: null, text: "", steps: [], citations: [], charts: [], broken: false };

type Follower = { onDraft: (draft: Draft) => void; signal: AbortSignal };

/** Asks, and follows the answer to its end over broken connections. */
export async function ask(body: Record<string, unknown>, follower: Follower): Promise<Message> {
  const response = await open("/api/chat", {
    method: "POST",
    headers: { "content-type": "application/json", accept: "text/event-stream" },
    body: JSON.stringify({ ...body, stream: true }),
    signal: follower.signal,
  });
  return new AnswerStream(follower).run(response, null);
}

/** Follows an answer that was asked for before. */
export async function follow(conversation: string, message: string, follower: Follower): Promise<Message> {
  return new AnswerStream(follower).run(null, { conversation, message });
}

type Place = { conversation: string; message: string };
const PAUSES = [300, 1000, 2000, 4000, 8000];

class AnswerStream {
  #draft: Draft = EMPTY_DRAFT;
  #last: string | undefined;
  #follower: Follower;

  constructor(follower: Follower) {
    this.#follower = follower;
  }

  async run(first: Response | null, place: Place | null): Promise<Message> {
    const { signal } = this.#follower;
    let response = first;
    let at = place;
    for (let failures = 0; ; failures += 1) {
      try {
        response ??= at ? await this.#resume(at) : null;
        if (!response) throw new TypeError("the answer did not begin");
        this.#change({ broken: false });
        for await (const event of eventsOf(response)) {
          failures = 0;
          const message = this.#take(event);
          if (message) return message;
          const { started } = this.#draft;
          if (started) at = { conversation: started.conversation_id, message: started.message_id };
        }
      } catch (thrown) {
        const problem = asProblem(thrown);
        const mends =
          at !== null &&
          (problem.code === "offline" || (problem.status >= 500 && problem.code !== "model_unavailable"));
        if (wasAborted(thrown) || !mends) throw thrown;
      }
      response = null;
      this.#change({ broken: true });
      await pause(PAUSES[Math.min(failures, PAUSES.length - 1)] ?? 8000, signal);
    }
  }

  /** Goes on behind the last event, whichever process tells the rest. */
  #resume({ conversation, message }: Place): Promise<Response> {
    return open(`/api/conversations/${conversation}/messages/${message}/events`, {
      headers: this.#last === undefined ? {} : { "last-event-id": this.#last },
      signal: this.#follower.signal,
    });
  }

  /** Takes an event in; the last one is the whole message. */
  #take({ name, id, data }: ServerEvent): Message | null {
    this.#last = id ?? this.#last;
    const value = parsed(data);
    const { text, steps, citations, charts } = this.#draft;
    if (name === "start") this.#change({ started: value as Started });
    else if (name === "delta") this.#change({ text: text + (value as { text: string }).text });
    else if (name === "tool") this.#change({ steps: [...steps, value as Step] });
    else if (name === "citation") this.#change({ citations: [...citations, value as Citation] });
    else if (name === "chart") this.#change({ charts: [...charts, value as ChartSpecification] });
    else if (name === "done") return whole(value as Record<string, unknown>);
    else if (name === "error") {
      const { detail } = value as { detail: string };
      throw new Problem({ code: "model_unavailable", title: strings.chat.failed, detail, status: 503 });
    }
    return null;
  }

  #change(members: Partial<Draft>): void {
    this.#draft = { ...this.#draft, ...members };
    this.#follower.onDraft(this.#draft);
  }
}

/** The last event has the details beside the message; a conversation has them within. */
function whole(value: Record<string, unknown>): Message {
  const {
    model,
    citations,
    unsupported,
    queries,
    charts,
    usage,
    ended,
    left_out,
    sql: _,
    chart: __,
    ...message
  } = value;
  const details = { model, citations, unsupported, queries, charts, usage, ended, left_out } as AnswerDetails;
  return { ...message, details: (message.details as AnswerDetails | undefined) ?? details } as Message;
}
