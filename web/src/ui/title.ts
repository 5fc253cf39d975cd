import { signal } from "@preact/signals";
import { useEffect } from "preact/hooks";

/** What the view shows, such as a table: it is said in the title of the window. */
export const shownName = signal("");

export function useShownName(name: string): void {
  useEffect(() => {
    shownName.value = name;
    return () => {
      shownName.value = "";
    };
  }, [name]);
}
