/** Figures by name and labels, as `ret_jobs{state="failed"}`. */
export type Figures = ReadonlyMap<string, number>;

/** Reads figures in the text format of Prometheus, as far as this service writes it. */
export function figuresOf(text: string): Figures {
  const figures = new Map<string, number>();
  for (const line of text.split("\n")) {
    const found = /^([a-zA-Z_:][\w:]*(?:\{[^}]*\})?)\s+(\S+)/.exec(line);
    const value = Number(found?.[2]);
    if (found?.[1] && Number.isFinite(value)) figures.set(found[1], value);
  }
  return figures;
}

/** The figures of one name by the value of their label. */
export function byLabel(figures: Figures, name: string): { label: string; value: number }[] {
  return [...figures].flatMap(([key, value]) => {
    const label = key.startsWith(`${name}{`) ? /="([^"]*)"/.exec(key)?.[1] : undefined;
    return label === undefined ? [] : [{ label, value }];
  });
}
