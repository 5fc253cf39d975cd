import { to } from "../lib/router.ts";
import { conversion, options, startConversion } from "../state/conversion.ts";
import { isFinal } from "../state/jobs.ts";
import { library } from "../state/library.ts";
import { strings } from "../strings.ts";
import { Empty, PageHead } from "../ui/parts.tsx";
import { JobPanel, JobStatus } from "./JobPanel.tsx";
import { OptionsPanel } from "./OptionsPanel.tsx";
import { PreviewPanel } from "./PreviewPanel.tsx";
import { usePreview } from "./usePreview.ts";

const words = strings.convert;

export function ConvertView() {
  const { state, documents } = library.value;
  const shown = usePreview(options.value, documents.length);
  const { job, starting } = conversion.value;
  const busy = starting || (job !== null && !isFinal(job));
  if (state === "known" && documents.length === 0) {
    return (
      <div class="page">
        <PageHead title={words.title} lead={words.lead} />
        <Empty icon="convert" title={words.emptyTitle} detail={words.emptyDetail}>
          <a class="button primary" href={to("upload")}>
            {words.toUpload}
          </a>
        </Empty>
      </div>
    );
  }
  return (
    <div class="page wide">
      <PageHead title={words.title} lead={words.lead}>
        <button type="button" class="button primary" aria-disabled={busy} onClick={() => !busy && startConversion()}>
          {busy && <span class="spinner" />}
          {words.start}
        </button>
      </PageHead>
      <JobStatus />
      <div class="convert">
        <JobPanel />
        <OptionsPanel found={shown.groups} />
        <PreviewPanel shown={shown} />
      </div>
    </div>
  );
}
