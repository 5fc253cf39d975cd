import { computed, signal } from "@preact/signals";
import { droppedFiles, type NamedFile } from "../lib/dropped.ts";
import { to } from "../lib/router.ts";
import { strings } from "../strings.ts";
import { library } from "./library.ts";
import { attempt, notify } from "./notices.ts";
import { addFiles, transfers } from "./uploads.ts";

const words = strings.upload;

/** Whether files are held over the page. */
export const isOver = signal(false);

/** Whether anything is still on its way to the service. */
export const isSending = computed(() =>
  transfers.value.some(({ phase }) => phase === "waiting" || phase === "sending" || phase === "reading"),
);

/** Sends what was chosen or dropped, and says which files of before it takes the place of. */
export function takeFiles(files: NamedFile[]): void {
  if (files.length === 0) {
    notify("bad", words.nothingToSend);
    return;
  }
  const here = new Set(library.value.files.map(({ path }) => path));
  const replaced = files.filter(({ name }) => here.has(name));
  if (replaced[0]) notify("good", words.replaces(replaced[0].name, replaced.length));
  addFiles(files);
}

/** Takes what is dropped anywhere on the page: the browser would open it in the place of the page. */
export function followDrops(): () => void {
  let depth = 0;
  const hasFiles = (event: DragEvent) => event.dataTransfer?.types.includes("Files") ?? false;
  const moved = (by: number) => (event: DragEvent) => {
    if (!hasFiles(event)) return;
    depth += by;
    isOver.value = depth > 0;
  };
  const handlers = {
    dragenter: moved(1),
    dragleave: moved(-1),
    dragover: (event: DragEvent) => hasFiles(event) && event.preventDefault(),
    drop: (event: DragEvent) => {
      const data = event.dataTransfer;
      if (!data || !hasFiles(event)) return;
      event.preventDefault();
      depth = 0;
      isOver.value = false;
      void attempt(async () => takeFiles(await droppedFiles(data)));
      location.hash = to("upload");
    },
    beforeunload: (event: Event) => isSending.value && event.preventDefault(),
  };
  const names = Object.entries(handlers) as [keyof WindowEventMap, EventListener][];
  for (const [name, handler] of names) addEventListener(name, handler);
  return () => {
    isOver.value = false;
    for (const [name, handler] of names) removeEventListener(name, handler);
  };
}
