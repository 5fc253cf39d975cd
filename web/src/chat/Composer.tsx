import { useRef, useState } from "preact/hooks";
import { strings } from "../strings.ts";
import { Icon } from "../ui/Icon.tsx";
import { Check } from "../ui/parts.tsx";

const words = strings.chat;

/** Where one writes a question. Enter asks, Shift and Enter begin a line. */
export function Composer({
  isNew,
  busy,
  onAsk,
  onStop,
}: {
  isNew: boolean;
  busy: boolean;
  onAsk: (text: string, temporary: boolean) => Promise<boolean>;
  onStop: () => void;
}) {
  const [text, setText] = useState("");
  const [temporary, setTemporary] = useState(false);
  const area = useRef<HTMLTextAreaElement>(null);
  const send = async () => {
    const asked = text.trim();
    if (asked === "" || busy) return;
    setText("");
    // At once: who goes elsewhere while the answer is written stays there.
    area.current?.focus();
    // What could not be asked is not to be written again.
    if (!(await onAsk(asked, temporary))) setText((now) => now || asked);
  };
  return (
    <form
      class="composer"
      onSubmit={(event) => {
        event.preventDefault();
        void send();
      }}
    >
      <div class="composer-box">
        <textarea
          ref={area}
          aria-label={words.question}
          placeholder={words.placeholder}
          rows={1}
          value={text}
          onInput={(event) => setText(event.currentTarget.value)}
          onKeyDown={(event) => {
            if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
            event.preventDefault();
            void send();
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
          <button type="submit" class="button primary icon" aria-label={words.ask} disabled={text.trim() === ""}>
            <Icon name="send" />
          </button>
        )}
      </div>
      <div class="row small muted">
        <span class="grow">{words.checked}</span>
        {isNew && <Check label={words.temporary} checked={temporary} onChange={setTemporary} />}
      </div>
    </form>
  );
}
