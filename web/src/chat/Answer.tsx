import type { Message } from "../api/types.ts";
import type { Draft } from "../state/answers.ts";
import { conversion, reportOf } from "../state/conversion.ts";
import { rate, ratingOf } from "../state/feedback.ts";
import { attempt } from "../state/notices.ts";
import { strings } from "../strings.ts";
import { copyText } from "../ui/clipboard.ts";
import { Icon } from "../ui/Icon.tsx";
import { Chart } from "./Chart.tsx";
import { Markdown } from "./Markdown.tsx";
import { Cited, Statements } from "./Sources.tsx";

const words = strings.chat;
const ENDINGS: Record<string, string> = { stopped: words.stopped, failed: words.brokenOff, cut: words.cut };

/** An answer with its sources, charts and statements. */
export function Answer({ message, onAgain }: { message: Message; onAgain: (() => void) | null }) {
  const { details, content } = message;
  const queries = details?.queries ?? [];
  const rating = ratingOf(message);
  const citations = new Map((details?.citations ?? []).map((citation) => [citation.number, citation]));
  const ended = details?.ended ?? (message.complete ? null : "failed");
  return (
    <div class="answer">
      <Markdown
        text={content}
        cite={(number) => <Cited key={number} citation={citations.get(number)} queries={queries} />}
      />
      {details?.charts?.map((chart, at) => (
        <Chart key={at} specification={chart} />
      ))}
      {(details?.unsupported?.length ?? 0) > 0 && (
        <p class="small muted row">
          <Icon name="alert" size={15} />
          {words.unsupported(details?.unsupported.join(", ") ?? "")}
        </p>
      )}
      {details?.left_out && (
        <p class="small muted row">
          <Icon name="alert" size={15} />
          {queries.length > 0 || citations.size > 0 ? words.chartsLeftOut : words.allLeftOut}
        </p>
      )}
      {(citations.size > 0 || queries.length > 0) && isOfOtherTables(message) && (
        <p class="small muted row">
          <Icon name="alert" size={15} />
          {words.olderSources}
        </p>
      )}
      {ended && <p class="small muted">{ENDINGS[ended] ?? ended}</p>}
      <div class="row wrap answer-tools">
        <button
          type="button"
          class="button quiet icon small"
          aria-label={words.copyAnswer}
          onClick={() => copyText(content)}
        >
          <Icon name="copy" size={15} />
        </button>
        {onAgain && (
          <button type="button" class="button quiet icon small" aria-label={words.again} onClick={onAgain}>
            <Icon name="again" size={15} />
          </button>
        )}
        {(["up", "down"] as const).map((one) => (
          <button
            key={one}
            type="button"
            class="button quiet icon small"
            aria-label={words.ratings[one]}
            title={words.ratings[one]}
            aria-pressed={rating === one}
            onClick={() => attempt(() => rate(message, rating === one ? null : one))}
          >
            <Icon name={one === "up" ? "good" : "bad"} size={15} />
          </button>
        ))}
        <Statements queries={queries} />
        {details?.model && <span class="small muted model">{details.model}</span>}
      </div>
    </div>
  );
}

/** Whether there was a conversion since an answer was given. */
function isOfOtherTables({ created_at }: Message): boolean {
  const { job } = conversion.value;
  return reportOf(job) !== null && Date.parse(job?.finished_at ?? "") > Date.parse(created_at);
}

/** An answer while it is written: what is done for it, and its words as they come. */
export function DraftView({ draft }: { draft: Draft }) {
  const { text, steps, citations, charts, broken } = draft;
  const byNumber = new Map(citations.map((citation) => [citation.number, citation]));
  return (
    <div class="answer" aria-busy="true">
      {steps.length > 0 && (
        <ul class="steps small muted">
          {steps.map((step, at) => (
            <li key={at} class="row">
              <Icon name={step.error ? "alert" : "check"} size={14} />
              {words.steps[step.name] ?? step.name}
              <code class="truncate">{argument(step.arguments)}</code>
            </li>
          ))}
        </ul>
      )}
      <Markdown text={text} cite={(number) => <Cited key={number} citation={byNumber.get(number)} queries={[]} />} />
      {charts.map((chart, at) => (
        <Chart key={at} specification={chart} />
      ))}
      <p class="row small muted" role="status">
        <span class="spinner" />
        {broken ? words.reconnecting : text === "" ? words.thinking : words.writing}
      </p>
    </div>
  );
}

/** What a step is about, in a line. */
function argument(given: unknown): string {
  if (typeof given !== "object" || given === null) return "";
  const members = given as Record<string, unknown>;
  const said = members.sql ?? members.query ?? members.words ?? members.table ?? "";
  return String(said).replace(/\s+/g, " ").slice(0, 120);
}
