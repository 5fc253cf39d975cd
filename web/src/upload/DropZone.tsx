import { useEffect, useRef, useState } from "preact/hooks";
import { chosenFiles, droppedFiles, type NamedFile } from "../lib/dropped.ts";
import { attempt, notify } from "../state/notices.ts";
import { addFiles } from "../state/uploads.ts";
import { strings } from "../strings.ts";
import { Icon } from "../ui/Icon.tsx";

const words = strings.upload;

function take(files: NamedFile[]): void {
  if (files.length === 0) notify("bad", words.nothingToSend);
  else addFiles(files);
}

/** Takes files and folders that are dropped anywhere on the view, or chosen. */
export function DropZone({ small }: { small: boolean }) {
  const [over, setOver] = useState(false);
  const files = useRef<HTMLInputElement>(null);
  const folder = useRef<HTMLInputElement>(null);

  useEffect(() => {
    let depth = 0;
    const hasFiles = (event: DragEvent) => event.dataTransfer?.types.includes("Files") ?? false;
    const handlers: Record<string, (event: DragEvent) => void> = {
      dragenter: (event) => {
        if (!hasFiles(event)) return;
        depth += 1;
        setOver(true);
      },
      dragleave: (event) => {
        if (!hasFiles(event)) return;
        depth -= 1;
        if (depth === 0) setOver(false);
      },
      dragover: (event) => hasFiles(event) && event.preventDefault(),
      drop: (event) => {
        const data = event.dataTransfer;
        if (!data || !hasFiles(event)) return;
        event.preventDefault();
        depth = 0;
        setOver(false);
        void attempt(async () => take(await droppedFiles(data)));
      },
    };
    const names = Object.entries(handlers) as [keyof WindowEventMap, EventListener][];
    for (const [name, handler] of names) addEventListener(name, handler);
    return () => {
      for (const [name, handler] of names) removeEventListener(name, handler);
    };
  }, []);

  const choose = (event: { currentTarget: HTMLInputElement }) => {
    take(chosenFiles(event.currentTarget.files ?? []));
    event.currentTarget.value = "";
  };

  return (
    <section class={`drop${over ? " over" : ""}${small ? " small" : ""}`} aria-label={words.drop}>
      <Icon name="upload" size={24} />
      <div class="grow">
        <h2>{over ? words.dropNow : words.drop}</h2>
        <p class="muted small">{words.hint}</p>
      </div>
      <div class="row wrap">
        <button type="button" class="button primary" onClick={() => files.current?.click()}>
          {words.choose}
        </button>
        <button type="button" class="button" onClick={() => folder.current?.click()}>
          {words.chooseFolder}
        </button>
      </div>
      <input ref={files} type="file" multiple hidden onChange={choose} aria-label={words.choose} />
      <input
        ref={folder}
        type="file"
        hidden
        onChange={choose}
        aria-label={words.chooseFolder}
        {...{ webkitdirectory: true }}
      />
    </section>
  );
}
