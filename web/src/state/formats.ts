import { signal } from "@preact/signals";
import { api, take } from "../api/client.ts";

/** The formats that the service writes, the usual one first; none until it has said so. */
export const formats = signal<string[]>([]);

/** Asks once: the formats are those of the build. */
export async function loadFormats(): Promise<void> {
  if (formats.value.length > 0) return;
  const { items } = await take(api.GET("/api/convert/formats"));
  formats.value = items.map(({ format }) => format);
}
