import type { NamedFile } from "./dropped.ts";

/** Files of this size and more go by ticket, each by itself. */
export const LARGE = 32 * 1024 * 1024;
const FILES_AT_ONCE = 100;
const BYTES_AT_ONCE = 64 * 1024 * 1024;

export type Batch = { kind: "form" | "ticket"; files: NamedFile[]; bytes: number };

/** Files as they are sent: large ones one by one, small ones together in a form, which never holds one name twice. */
export function batchesOf(files: NamedFile[]): Batch[] {
  const batches: Batch[] = [];
  let form: Batch | null = null;
  for (const named of files) {
    const size = named.file.size;
    if (size >= LARGE) {
      batches.push({ kind: "ticket", files: [named], bytes: size });
      continue;
    }
    const isFull =
      form !== null &&
      (form.files.length >= FILES_AT_ONCE ||
        form.bytes + size > BYTES_AT_ONCE ||
        form.files.some((other) => other.name === named.name));
    if (form === null || isFull) {
      form = { kind: "form", files: [], bytes: 0 };
      batches.push(form);
    }
    form.files.push(named);
    form.bytes += size;
  }
  return batches;
}
