import { Problem, problemOf } from "./problem.ts";
import { transfer } from "./transfer.ts";

/** What is sent to the service's own address; once something of it may have arrived, who sends it again goes on behind that. */
export type InOne = { url: string; headers: Record<string, string>; file: File; isBegun: boolean };

/** Sends what has not arrived. */
export async function sendContent(
  sending: InOne,
  signal: AbortSignal,
  onSent: (bytes: number) => void,
  isAgain = false,
): Promise<void> {
  const { url, file } = sending;
  const arrived = sending.isBegun ? await ask(url, signal) : { bytes: 0, isWhole: false };
  sending.isBegun = true;
  onSent(arrived.bytes);
  if (arrived.isWhole) return;
  const rest = file.slice(arrived.bytes);
  const onPart = (bytes: number) => onSent(arrived.bytes + Math.min(bytes, rest.size));
  const common = { url, signed: false, isKept: true, signal, onSent: onPart };
  if (arrived.bytes === 0) {
    await transfer({ ...common, method: "PUT", headers: sending.headers, body: file });
    return;
  }
  const headers = { "content-type": "application/partial-upload", "upload-offset": String(arrived.bytes) };
  try {
    await transfer({ ...common, method: "PATCH", headers, body: rest });
  } catch (thrown) {
    // What was still on its way came in meanwhile; now nothing is.
    if (isAgain || !(thrown instanceof Problem && thrown.code === "content_offset_mismatch")) throw thrown;
    await sendContent(sending, signal, onSent, true);
  }
}

/** Leaves nothing of what has arrived, if the service can be reached; else it goes with the ticket. */
export async function discardContent(sending: InOne): Promise<void> {
  sending.isBegun = false;
  await fetch(sending.url, { method: "DELETE", keepalive: true }).catch(() => undefined);
}

/** How much has arrived. */
async function ask(url: string, signal: AbortSignal): Promise<{ bytes: number; isWhole: boolean }> {
  const answer = await fetch(url, { method: "HEAD", cache: "no-store", signal });
  if (!answer.ok) throw problemOf(answer.status, null, (name) => answer.headers.get(name));
  return {
    bytes: Number(answer.headers.get("upload-offset") ?? 0),
    isWhole: answer.headers.get("upload-complete") === "?1",
  };
}
