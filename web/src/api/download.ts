import { open } from "./client.ts";

/** Fetches a file of the service and gives it to the person, under a name that may depend on the answer. */
export async function download(
  path: string,
  name: string | ((response: Response) => string),
  init: RequestInit = {},
): Promise<void> {
  const response = await open(path, init);
  save(await response.blob(), typeof name === "string" ? name : name(response));
}

export function save(blob: Blob, name: string): void {
  const address = URL.createObjectURL(blob);
  const link = document.createElement("a");
  link.href = address;
  link.download = name;
  link.click();
  // The browser reads the address after the click.
  setTimeout(() => URL.revokeObjectURL(address), 60_000);
}

/** The address of a stored file; its path has folders. */
export function fileAddress(area: string, path: string): string {
  return `/api/files/${area}/${path.split("/").map(encodeURIComponent).join("/")}`;
}
