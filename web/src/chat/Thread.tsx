import { useEffect, useRef } from "preact/hooks";
import type { Message } from "../api/types.ts";
import type { Step } from "../lib/branches.ts";
import { attempt } from "../state/notices.ts";
import { tables } from "../state/tables.ts";
import { answerAgain, askInstead, askNext, branch, choose, stopAnswer, thread } from "../state/thread.ts";
import { keepNothing } from "../state/written.ts";
import { strings } from "../strings.ts";
import { Icon } from "../ui/Icon.tsx";
import { ProblemNote } from "../ui/Problem.tsx";
import { Answer, DraftView } from "./Answer.tsx";
import { Composer } from "./Composer.tsx";
import { Question } from "./Question.tsx";
import { Welcome } from "./Welcome.tsx";

const words = strings.chat;
/** So near to its end a thread is kept at its end while it grows. */
const NEAR = 160;

export function Thread() {
  const { draft, draftOf, problem, again, loading, id } = thread.value;
  const steps = branch.value;
  const box = useRef<HTMLDivElement>(null);
  const near = useRef(true);
  const busy = draft !== null;
  // A branch ends with the question that is being answered.
  const end = draftOf === null ? -1 : steps.findIndex(({ message }) => message.id === draftOf);
  const shown = end < 0 ? steps : steps.slice(0, end + 1);

  useEffect(() => {
    const element = box.current;
    if (element && near.current) element.scrollTop = element.scrollHeight;
  });

  const ask = (text: string) => {
    near.current = true;
    void askNext(text, keepNothing.value);
  };
  const isEmpty = shown.length === 0 && !draft && !loading;
  return (
    <div class="thread">
      <div
        ref={box}
        class="messages"
        role="log"
        aria-label={words.messages}
        // What scrolls has to be reached by the keyboard.
        // biome-ignore lint/a11y/noNoninteractiveTabindex: as said.
        tabIndex={0}
        onScroll={({ currentTarget: { scrollTop, scrollHeight, clientHeight } }) => {
          near.current = scrollHeight - scrollTop - clientHeight < NEAR;
        }}
      >
        <div class="column">
          {isEmpty && !problem && <Welcome tables={tables.value.items} onAsk={ask} />}
          {shown.map((step, at) => (
            <MessageView key={step.message.id} step={step} before={shown[at - 1]?.message ?? null} busy={busy} />
          ))}
          {draft && <DraftView draft={draft} />}
          {problem && <ProblemNote problem={problem} onRetry={again ?? undefined} />}
        </div>
      </div>
      <div class="column">
        <Composer conversation={id} busy={busy} waiting={loading} onAsk={ask} onStop={() => attempt(stopAnswer)} />
      </div>
    </div>
  );
}

function MessageView({ step, before, busy }: { step: Step<Message>; before: Message | null; busy: boolean }) {
  const { message } = step;
  const isQuestion = message.role === "user";
  return (
    <article class={isQuestion ? "said mine" : "said"} aria-label={isQuestion ? words.you : words.answer}>
      {isQuestion ? (
        <Question message={message} busy={busy} onEdit={(text) => void askInstead(message, text)} />
      ) : (
        <Answer message={message} onAgain={busy || !before ? null : () => void answerAgain(before, message)} />
      )}
      {step.siblings.length > 1 && <Branches step={step} />}
    </article>
  );
}

function Branches({ step: { siblings, place } }: { step: Step<Message> }) {
  const button = (label: string, icon: "left" | "right", to: Message | undefined) => (
    <button
      type="button"
      class="button quiet icon small"
      aria-label={label}
      disabled={!to}
      onClick={() => to && choose(to)}
    >
      <Icon name={icon} size={14} />
    </button>
  );
  return (
    <fieldset class="row branches small muted number" aria-label={words.branches}>
      {button(words.previousBranch, "left", siblings[place - 1])}
      {words.branch(place + 1, siblings.length)}
      {button(words.nextBranch, "right", siblings[place + 1])}
    </fieldset>
  );
}
