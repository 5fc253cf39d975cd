import { useRef } from "preact/hooks";
import { keepNothing, keepWritten, writtenIn } from "../state/written.ts";
import { strings } from "../strings.ts";
import { Icon } from "../ui/Icon.tsx";
import { Check } from "../ui/parts.tsx";

const words = strings.chat;

/** Where one writes a question. Enter asks, Shift and Enter begin a line. What is written stays while one looks elsewhere. */
export function Composer({
  conversation,
  busy,
  waiting,
  onAsk,
  onStop,
}: {
  /** Null for a new one. */
  conversation: string | null;
  busy: boolean;
  /** Whether it is not known yet what has been said. */
  waiting: boolean;
  onAsk: (text: string) => void;
  onStop: () => void;
}) {
  const text = writtenIn(conversation);
  const area = useRef<HTMLTextAreaElement>(null);
  const send = () => {
    const asked = text.trim();
    if (asked === "" || busy || waiting) return;
    keepWritten(conversation, "");
    // At once: who goes elsewhere while the answer is written stays there.
    area.current?.focus();
    onAsk(asked);
  };
  return (
    <form
      class="composer"
      onSubmit={(event) => {
        event.preventDefault();
        send();
      }}
    >
      <div class="composer-box">
        <textarea
          ref={area}
          aria-label={words.question}
          placeholder={words.placeholder}
          rows={1}
          value={text}
          onInput={(event) => keepWritten(conversation, event.currentTarget.value)}
          onKeyDown={(event) => {
            if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
            event.preventDefault();
            send();
          }}
        />
        {busy ? (
          <button
            type="button"
            class="button icon"
            aria-label={words.stop}
            onClick={() => {
              // The button goes away with the answer.
              area.current?.focus();
              onStop();
            }}
          >
            <Icon name="stop" />
          </button>
        ) : (
          <button
            type="submit"
            class="button primary icon"
            aria-label={words.ask}
            disabled={text.trim() === "" || waiting}
          >
            <Icon name="send" />
          </button>
        )}
      </div>
      <div class="row small muted">
        <span class="grow">{words.checked}</span>
        {conversation === null && (
          <Check
            label={words.temporary}
            checked={keepNothing.value}
            onChange={(isChecked) => {
              keepNothing.value = isChecked;
            }}
          />
        )}
      </div>
    </form>
  );
}
