import { Problem } from "../api/problem.ts";
import { attempt, notify } from "../state/notices.ts";
import { strings } from "../strings.ts";

/** Copies a text, which may still be on its way, and says that it was copied, or why not. */
export async function copyText(text: string | Promise<string>): Promise<void> {
  const coming = Promise.resolve(text);
  await attempt(async () => {
    // Begun at once: browsers let a page copy when a key is pressed, and not later on.
    const written = write(coming).catch((thrown: unknown) => thrown);
    await coming;
    const failure = await written;
    if (failure === undefined) return notify("good", strings.copied);
    const detail = failure instanceof DOMException ? failure.message : strings.notCopiedDetail;
    throw new Problem({ code: "not_copied", title: strings.notCopied, detail });
  });
}

async function write(coming: Promise<string>): Promise<void> {
  const blob = coming.then((text) => new Blob([text], { type: "text/plain" }));
  await navigator.clipboard.write([new ClipboardItem({ "text/plain": blob })]);
}
