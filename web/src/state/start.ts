import { resumeConversion } from "./conversion.ts";
import { loadFormats } from "./formats.ts";
import { recentJobs } from "./jobs.ts";
import { loadLibrary } from "./library.ts";
import { attempt } from "./notices.ts";
import { loadTables } from "./tables.ts";
import { awaitUploads } from "./uploads.ts";

/** Finds out what the session has: files, tables, and work that is under way. */
export async function startStores(): Promise<void> {
  const work = async () => {
    const jobs = await recentJobs();
    await Promise.all([resumeConversion(jobs), awaitUploads(jobs)]);
  };
  await Promise.all([loadLibrary(), loadTables(), attempt(work), attempt(loadFormats)]);
}
