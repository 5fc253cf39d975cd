import type { ComponentChildren } from "preact";
import { useState } from "preact/hooks";
import { notify } from "../state/notices.ts";
import { FormDialog } from "../ui/Dialog.tsx";
import type { Paged } from "./usePaged.ts";

/**
 * A question before something of a list ends: what opens it for an item, and the question itself while it is open. Once it is answered and
 * done that is said, and the list is read anew.
 */
export function useConfirmation<T>(
  list: Paged<T>,
  said: { title: (item: T) => string; detail: (item: T) => string; submit: string; done: (item: T) => string },
  work: (item: T) => Promise<unknown>,
): [ask: (item: T) => void, question: ComponentChildren] {
  const [item, setItem] = useState<T | null>(null);
  const confirm = async (item: T) => {
    await work(item);
    notify("good", said.done(item));
    await list.reload();
  };
  const question = item !== null && (
    <FormDialog
      title={said.title(item)}
      detail={said.detail(item)}
      submit={said.submit}
      danger
      onSubmit={() => confirm(item)}
      onClose={() => setItem(null)}
    />
  );
  return [setItem, question];
}
