import { to } from "../lib/router.ts";
import { convertible, library, loadLibrary } from "../state/library.ts";
import { transfers } from "../state/uploads.ts";
import { strings } from "../strings.ts";
import { Icon } from "../ui/Icon.tsx";
import { ProblemNote } from "../ui/Problem.tsx";
import { Empty, PageHead } from "../ui/parts.tsx";
import { DropZone } from "./DropZone.tsx";
import { Files } from "./Files.tsx";
import { Groups } from "./Groups.tsx";
import { Transfers } from "./Transfers.tsx";

const words = strings.upload;

export function UploadView() {
  const { state, files, problem } = library.value;
  const isEmpty = state === "known" && files.length === 0 && transfers.value.length === 0 && !problem;
  return (
    <div class="page">
      <PageHead title={words.title} lead={words.lead}>
        {convertible.value && (
          <a class="button primary" href={to("convert")}>
            {words.next}
            <Icon name="right" size={16} />
          </a>
        )}
      </PageHead>
      <DropZone small={files.length > 0} />
      {problem && <ProblemNote problem={problem} onRetry={loadLibrary} />}
      <Transfers />
      <Groups />
      <Files />
      {isEmpty && <Empty icon="file" title={words.emptyTitle} detail={words.emptyDetail} />}
    </div>
  );
}
