import { computed } from "@preact/signals";
import { requestOf } from "../lib/options.ts";
import { newDocuments } from "../lib/outdated.ts";
import { conversion, lastOptions, options, reportOf } from "./conversion.ts";
import { library } from "./library.ts";
import { tables } from "./tables.ts";

/** In what the tables are behind: uploads that are gone or others, documents that came, and other options that are chosen. */
export const outdated = computed(() => {
  const { job } = conversion.value;
  const { state, files, documents } = library.value;
  const { outdated: uploads, items } = tables.value;
  if (items.length === 0) return null;
  const since = reportOf(job) && (job?.started_at ?? job?.created_at);
  const added = since && state === "known" ? newDocuments({ files, documents, since, replaced: uploads }) : 0;
  const before = lastOptions.value;
  const otherwise = before !== null && JSON.stringify(requestOf(before)) !== JSON.stringify(requestOf(options.value));
  return uploads.length > 0 || added > 0 || otherwise ? { uploads, added, otherwise } : null;
});
