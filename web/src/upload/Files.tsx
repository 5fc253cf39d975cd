import { useState } from "preact/hooks";
import type { StoredFile } from "../api/types.ts";
import * as format from "../lib/format.ts";
import { to } from "../lib/router.ts";
import { library, removeFile } from "../state/library.ts";
import { strings } from "../strings.ts";
import { FormDialog } from "../ui/Dialog.tsx";
import { Icon } from "../ui/Icon.tsx";

const words = strings.upload;

/** What was uploaded, as it was. */
export function Files() {
  const [removing, setRemoving] = useState<StoredFile | null>(null);
  const { files } = library.value;
  if (files.length === 0) return null;
  return (
    <section class="stack" aria-labelledby="files">
      <div class="row">
        <h2 id="files" class="grow">
          {words.files}
        </h2>
        {files.length > 1 && (
          <a class="button small" href={to("tables", [], { compare: "" })}>
            <Icon name="compare" size={15} />
            {words.compareFiles}
          </a>
        )}
      </div>
      <ul class="card lines">
        {files.map((file) => (
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
