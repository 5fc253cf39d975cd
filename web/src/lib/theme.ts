import { signal } from "@preact/signals";

export const THEMES = ["system", "light", "dark"] as const;
export type Theme = (typeof THEMES)[number];

const KEY = "ret.theme";

export const theme = signal<Theme>("system");
/** Counts the changes of what is seen, for things that read colours once: charts. */
export const shownTheme = signal(0);

export function setTheme(wanted: Theme): void {
  theme.value = wanted;
  if (wanted === "system") delete document.documentElement.dataset.theme;
  else document.documentElement.dataset.theme = wanted;
  localStorage.setItem(KEY, wanted);
  shownTheme.value += 1;
}

export function restoreTheme(): void {
  const kept = THEMES.find((known) => known === localStorage.getItem(KEY));
  setTheme(kept ?? "system");
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => {
    shownTheme.value += 1;
  });
}
