import { useLayoutEffect, useRef, useState } from "preact/hooks";
import type { Message } from "../api/types.ts";
import { strings } from "../strings.ts";
import { Icon } from "../ui/Icon.tsx";

const words = strings.chat;

/** What was asked; it can be asked otherwise, as another branch. */
export function Question({
  message,
  busy,
  onEdit,
}: {
  message: Message;
  /** Whether an answer is being written: what is being edited waits for it. */
  busy: boolean;
  onEdit: (text: string) => void;
}) {
  const [text, setText] = useState<string | null>(null);
  const place = useRef<HTMLElement | null>(null);
  const wasOpen = useRef(false);
  const isOpen = text !== null;
  // The button and the field take each other's place: the keyboard goes on from there.
  useLayoutEffect(() => {
    if (isOpen !== wasOpen.current) place.current?.focus();
    wasOpen.current = isOpen;
  }, [isOpen]);
  if (text === null) {
    return (
      <div class="question">
        <p>{message.content}</p>
        {!busy && (
          <button
            type="button"
            class="button quiet icon small"
            ref={(element) => {
              place.current = element;
            }}
            aria-label={words.edit}
            onClick={() => setText(message.content)}
          >
            <Icon name="edit" size={15} />
          </button>
        )}
      </div>
    );
  }
  const send = (event: Event) => {
    event.preventDefault();
    if (text.trim() === "" || busy) return;
    setText(null);
    onEdit(text.trim());
  };
  return (
    <form class="question-form card" onSubmit={send}>
      <textarea
        ref={(element) => {
          place.current = element;
        }}
        class="input"
        aria-label={words.edit}
        rows={3}
        value={text}
        onInput={(event) => setText(event.currentTarget.value)}
        onKeyDown={(event) => {
          // Keys that choose among characters are not meant for the form.
          if (event.isComposing) return;
          if (event.key === "Escape") setText(null);
          if (event.key === "Enter" && !event.shiftKey) send(event);
        }}
      />
      <div class="row">
        <span class="small muted grow">{words.editHint}</span>
        <button type="button" class="button small" onClick={() => setText(null)}>
          {strings.cancel}
        </button>
        <button type="submit" class="button primary small" aria-disabled={busy}>
          {words.ask}
        </button>
      </div>
    </form>
  );
}
