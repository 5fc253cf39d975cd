import { resumeConversion } from "./conversion.ts";
import { loadLibrary } from "./library.ts";
import { loadTables } from "./tables.ts";

/** Finds out what the session has: files, tables, and work that is under way. */
export async function startStores(): Promise<void> {
  await Promise.all([loadLibrary(), loadTables(), resumeConversion()]);
}
