import { useRef } from "preact/hooks";
import { chosenFiles } from "../lib/dropped.ts";
import { isOver, takeFiles } from "../state/dropping.ts";
import { strings } from "../strings.ts";
import { Icon } from "../ui/Icon.tsx";

const words = strings.upload;

/** Says that files and folders can be dropped, and has them chosen otherwise. */
export function DropZone({ small }: { small: boolean }) {
  const over = isOver.value;
  const files = useRef<HTMLInputElement>(null);
  const folder = useRef<HTMLInputElement>(null);

  const choose = (event: { currentTarget: HTMLInputElement }) => {
    takeFiles(chosenFiles(event.currentTarget.files ?? []));
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
