/** Blob Storage takes so many blocks of a blob at most. */
const MOST_BLOCKS = 50_000;
/** So much is sent again at most where a connection broke off. */
const BLOCK = 8 * 1024 * 1024;

/** A file of so many bytes in blocks: how large each is, and how many there are. */
export function blocksOf(bytes: number): { size: number; count: number } {
  const size = Math.max(BLOCK, Math.ceil(bytes / MOST_BLOCKS));
  return { size, count: Math.ceil(bytes / size) };
}

/** The id of a block; all of a blob have to be of one length. */
export function blockId(number: number): string {
  return btoa(`block-${String(number).padStart(6, "0")}`);
}

/** The address that takes a block, or the list of all. */
export function blockAddress(signed: string, number: number | "list"): string {
  const url = new URL(signed);
  url.searchParams.set("comp", number === "list" ? "blocklist" : "block");
  if (number !== "list") url.searchParams.set("blockid", blockId(number));
  return url.href;
}

/** Says of which blocks the blob is made. */
export function blockList(count: number): string {
  const ids = Array.from({ length: count }, (_, number) => `<Latest>${blockId(number)}</Latest>`);
  return `<?xml version="1.0" encoding="utf-8"?><BlockList>${ids.join("")}</BlockList>`;
}
