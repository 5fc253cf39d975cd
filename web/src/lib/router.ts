import { signal } from "@preact/signals";

/** Where the page is: `#/tables/book?filter=…` is the view `tables` with the rest `["book"]` and its parameters. */
export type Place = { view: string; rest: string[]; parameters: URLSearchParams };

export const place = signal<Place>(readPlace(globalThis.location?.hash ?? ""));

export function readPlace(hash: string): Place {
  const [path = "", query = ""] = hash.replace(/^#\/?/, "").split("?");
  const [view = "", ...rest] = path.split("/").map(decoded);
  return { view, rest: rest.filter((part) => part !== ""), parameters: new URLSearchParams(query) };
}

/** The address of a view, for a link. */
export function to(view: string, rest: string[] = [], parameters: Record<string, string> = {}): string {
  const path = [view, ...rest].map(encodeURIComponent).join("/");
  const query = new URLSearchParams(parameters).toString();
  return query ? `#/${path}?${query}` : `#/${path}`;
}

export function go(address: string, how: "push" | "replace" = "push"): void {
  if (how === "push") location.hash = address;
  else {
    history.replaceState(null, "", address);
    place.value = readPlace(address);
  }
}

export function followAddress(): void {
  addEventListener("hashchange", () => {
    place.value = readPlace(location.hash);
  });
}

function decoded(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}
