import { blockAddress, blockList, blocksOf } from "../lib/blocks.ts";
import { transfer } from "./transfer.ts";

/** What is sent in blocks, and how many of them have arrived: who sends it again goes on behind them. */
export type InBlocks = { url: string; file: File; arrived: number };

/** Whether the address of a ticket is one of Blob Storage, which takes files in blocks. */
export function takesBlocks(headers: Record<string, string>): boolean {
  return headers["x-ms-blob-type"] === "BlockBlob";
}

/** Sends the blocks that have not arrived, one after the other, and makes the file of all. */
export async function sendBlocks(
  sending: InBlocks,
  signal: AbortSignal,
  onSent: (bytes: number) => void,
): Promise<void> {
  const { url, file } = sending;
  const { size, count } = blocksOf(file.size);
  const put = (to: string, body: Blob, before: number) =>
    transfer({
      method: "PUT",
      url: to,
      body,
      signed: false,
      isKept: true,
      signal,
      onSent: (bytes) => onSent(before + Math.min(bytes, body.size)),
    });
  while (sending.arrived < count) {
    const start = sending.arrived * size;
    onSent(start);
    await put(blockAddress(url, sending.arrived), file.slice(start, start + size), start);
    sending.arrived += 1;
  }
  await put(blockAddress(url, "list"), new Blob([blockList(count)], { type: "application/xml" }), file.size);
}
