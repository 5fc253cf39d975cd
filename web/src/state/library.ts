import { computed, signal } from "@preact/signals";
import { allPages, api, open, take } from "../api/client.ts";
import { fileAddress } from "../api/download.ts";
import { asProblem, type Problem, wasAborted } from "../api/problem.ts";
import type { Document, StoredFile } from "../api/types.ts";
import { onForget } from "./stores.ts";
import { loadOutdated } from "./tables.ts";

/** What was uploaded, and the documents that were found in it. */
type Library = {
  state: "unknown" | "loading" | "known";
  files: StoredFile[];
  documents: Document[];
  complete: boolean;
  problem: Problem | null;
};

export type Group = { name: string; documents: Document[]; bytes: number; records: number; faulty: number };

const NOTHING: Library = { state: "unknown", files: [], documents: [], complete: true, problem: null };
const PAGE = 1000;

export const library = signal<Library>(NOTHING);
onForget(() => {
  library.value = NOTHING;
});

export const groups = computed<Group[]>(() => {
  const byName = new Map<string, Group>();
  for (const document of library.value.documents) {
    const group = byName.get(document.group) ?? {
      name: document.group,
      documents: [],
      bytes: 0,
      records: 0,
      faulty: 0,
    };
    byName.set(document.group, group);
    group.documents.push(document);
    group.bytes += document.bytes;
    group.records += document.records_estimate ?? 0;
    if (document.error) group.faulty += 1;
  }
  return [...byName.values()].sort((a, b) => a.name.localeCompare(b.name));
});

export const convertible = computed(() => library.value.documents.some((document) => !document.error));

export async function loadLibrary(): Promise<void> {
  library.value = { ...library.value, state: library.value.state === "known" ? "known" : "loading", problem: null };
  try {
    const [files, documents] = await Promise.all([
      allPages<StoredFile>((cursor) =>
        take(api.GET("/api/files", { params: { query: { area: "input", limit: PAGE, ...(cursor && { cursor }) } } })),
      ),
      allPages<Document>((cursor) =>
        take(api.GET("/api/documents", { params: { query: { limit: PAGE, ...(cursor && { cursor }) } } })),
      ),
    ]);
    library.value = {
      state: "known",
      files: files.items,
      documents: documents.items,
      complete: documents.complete,
      problem: null,
    };
    await loadOutdated();
  } catch (thrown) {
    if (wasAborted(thrown)) return;
    library.value = { ...library.value, state: "known", problem: asProblem(thrown) };
  }
}

/** Removes files one after the other, and says after each how many are gone. */
export async function removeFiles(paths: string[], onGone: (gone: number) => void, signal: AbortSignal): Promise<void> {
  try {
    for (const [at, path] of paths.entries()) {
      signal.throwIfAborted();
      await open(fileAddress("input", path), { method: "DELETE", signal });
      onGone(at + 1);
    }
  } finally {
    await loadLibrary();
  }
}

export async function removeFile(path: string): Promise<void> {
  await open(fileAddress("input", path), { method: "DELETE" });
  await loadLibrary();
}
