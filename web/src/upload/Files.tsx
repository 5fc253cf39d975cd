import { useEffect, useRef, useState } from "preact/hooks";
import type { StoredFile } from "../api/types.ts";
import * as format from "../lib/format.ts";
import { to } from "../lib/router.ts";
import { library, removeFile, removeFiles } from "../state/library.ts";
import { strings } from "../strings.ts";
import { FormDialog } from "../ui/Dialog.tsx";
import { Icon } from "../ui/Icon.tsx";
import { Progress } from "../ui/parts.tsx";

const words = strings.upload;
const PAGE = 50;

/** What was uploaded, as it was. */
export function Files() {
  const [removing, setRemoving] = useState<StoredFile | null>(null);
  const [emptying, setEmptying] = useState(false);
  const [shown, setShown] = useState(PAGE);
  const { files } = library.value;
  if (files.length === 0) return null;
  return (
    <section class="stack" aria-labelledby="files">
      <div class="row">
        <h2 id="files" class="grow">
          {words.files}
        </h2>
        {files.length > 1 && (
          <>
            <button type="button" class="button quiet small" onClick={() => setEmptying(true)}>
              {words.removeAll}
            </button>
            <a class="button small" href={to("tables", [], { compare: "" })}>
              <Icon name="compare" size={15} />
              {words.compareFiles}
            </a>
          </>
        )}
      </div>
      <ul class="card lines">
        {files.slice(0, shown).map((file) => (
          <li key={file.path} class="row">
            <Icon name={file.content_type.includes("zip") ? "archive" : "file"} />
            <span class="truncate grow" title={file.path}>
              {file.path}
            </span>
            <span class="muted number">{format.bytes(file.bytes)}</span>
            <span class="muted number wide-only">{format.when(file.modified_at)}</span>
            <button
              type="button"
              class="button quiet icon small"
              aria-label={words.removeFile(file.path)}
              onClick={() => setRemoving(file)}
            >
              <Icon name="trash" size={16} />
            </button>
          </li>
        ))}
      </ul>
      {files.length > shown && (
        <button type="button" class="button quiet small" onClick={() => setShown(shown + 10 * PAGE)}>
          {strings.more} ({files.length - shown})
        </button>
      )}
      {emptying && <RemoveAll onClose={() => setEmptying(false)} />}
      {removing && (
        <FormDialog
          title={words.removeTitle(removing.path)}
          detail={words.removeDetail}
          submit={strings.remove}
          danger
          onSubmit={() => removeFile(removing.path)}
          onClose={() => setRemoving(null)}
        />
      )}
    </section>
  );
}

/** Asks first; closing the question ends the removal where it is. */
function RemoveAll({ onClose }: { onClose: () => void }) {
  const [gone, setGone] = useState(0);
  const stop = useRef(new AbortController());
  const paths = useRef(library.value.files.map(({ path }) => path)).current;
  useEffect(() => () => stop.current.abort(), []);
  return (
    <FormDialog
      title={words.removeAllTitle(paths.length)}
      detail={words.removeAllDetail}
      submit={strings.remove}
      danger
      onSubmit={() => removeFiles(paths, setGone, stop.current.signal)}
      onClose={onClose}
    >
      {gone > 0 && (
        <>
          <Progress label={words.removeAll} done={gone} total={paths.length} />
          <p class="small muted number">{words.gone(gone, paths.length)}</p>
        </>
      )}
    </FormDialog>
  );
}
