import type { ComponentChildren } from "preact";
import { useId, useLayoutEffect, useRef, useState } from "preact/hooks";
import type { Problem } from "../api/problem.ts";
import { asProblem } from "../api/problem.ts";
import { strings } from "../strings.ts";
import { keptFocus } from "./focus.ts";
import { ProblemNote } from "./Problem.tsx";

/** A question or a small form over the page; Escape closes it, and so does a click beside it as long as nothing has been filled in. */
export function Dialog({
  title,
  onClose,
  children,
}: {
  title: string;
  onClose: () => void;
  children: ComponentChildren;
}) {
  const dialog = useRef<HTMLDialogElement>(null);
  const heading = useId();
  const isFilled = useRef(false);
  /** Where the button was pressed: a selection of text may end beside the dialog. */
  const pressed = useRef<EventTarget | null>(null);
  useLayoutEffect(() => {
    const giveBack = keptFocus();
    dialog.current?.showModal();
    // Once the dialog is gone, and what was removed by it: until then nothing beside it takes the focus.
    return () => queueMicrotask(giveBack);
  }, []);
  return (
    // biome-ignore lint/a11y/useKeyWithClickEvents: Escape closes it, which the element itself does.
    <dialog
      ref={dialog}
      class="dialog"
      aria-labelledby={heading}
      onClose={onClose}
      onInput={() => {
        isFilled.current = true;
      }}
      onPointerDown={({ target }) => {
        pressed.current = target;
      }}
      onClick={({ target }) => {
        const isBeside = target === dialog.current && pressed.current === dialog.current;
        if (isBeside && !isFilled.current) dialog.current?.close();
      }}
    >
      <div>
        <h2 id={heading}>{title}</h2>
        {children}
      </div>
    </dialog>
  );
}

/** A dialog that does something when it is confirmed, and says why if it fails. */
export function FormDialog({
  title,
  detail,
  submit,
  danger = false,
  onSubmit,
  onClose,
  children,
}: {
  title: string;
  detail?: string;
  submit: string;
  danger?: boolean;
  onSubmit: () => Promise<void>;
  onClose: () => void;
  children?: ComponentChildren;
}) {
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<Problem | null>(null);
  const confirm = async (event: SubmitEvent) => {
    event.preventDefault();
    if (busy) return;
    setBusy(true);
    setProblem(null);
    try {
      await onSubmit();
      onClose();
    } catch (thrown) {
      setProblem(asProblem(thrown));
      setBusy(false);
    }
  };
  return (
    <Dialog title={title} onClose={onClose}>
      <form onSubmit={confirm}>
        {detail && <p class="muted">{detail}</p>}
        {children}
        {problem && <ProblemNote problem={problem} />}
        <div class="actions">
          <button type="button" class="button" onClick={onClose}>
            {strings.cancel}
          </button>
          <button type="submit" class={`button ${danger ? "danger" : "primary"}`} aria-disabled={busy}>
            {busy && <span class="spinner" />}
            {submit}
          </button>
        </div>
      </form>
    </Dialog>
  );
}
