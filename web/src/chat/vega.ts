import { type Config, parse, View } from "vega";
import { expressionInterpreter } from "vega-interpreter";
import { compile, type TopLevelSpec } from "vega-lite";
import type { ChartSpecification } from "../api/types.ts";

/** Draws a chart into an element; gives back what removes it. Formulas are interpreted: the page's policy lets no code be made. */
export function draw(element: HTMLElement, specification: ChartSpecification): () => void {
  const colours = coloursOf(element);
  // Sizes follow the page's, which grow with the screen.
  const scale = Number.parseFloat(getComputedStyle(document.documentElement).fontSize) / 16;
  const { mark, encoding, data, title } = specification;
  const spec = {
    $schema: "https://vega.github.io/schema/vega-lite/v6.json",
    mark: typeof mark === "string" ? { type: mark, tooltip: true } : mark,
    encoding,
    title,
    // Data stands in the specification or nowhere: nothing is fetched.
    data: { values: (data as { values?: unknown[] } | undefined)?.values ?? [] },
    width: "container",
    height: Math.round(260 * scale),
    autosize: { type: "fit", contains: "padding" },
    background: "transparent",
  } as unknown as TopLevelSpec;
  const { spec: compiled } = compile(spec, { config: configOf(colours, isCrowded(specification), scale) as never });
  const view = new View(parse(compiled, undefined, { ast: true }), {
    expr: expressionInterpreter,
    renderer: "canvas",
    container: element,
    hover: true,
    loader: { load: refuse, sanitize: refuse, http: refuse, file: refuse } as never,
  });
  view.tooltip((_, __, ___, value) => {
    element.title = typeof value === "object" && value !== null ? describe(value as Record<string, unknown>) : "";
  });
  const observer = new ResizeObserver(() => {
    view.width(element.clientWidth - 1);
    void view.runAsync();
  });
  void view.runAsync().then(() => observer.observe(element));
  return () => {
    observer.disconnect();
    view.finalize();
    element.replaceChildren();
  };
}

const refuse = () => Promise.reject(new Error("charts fetch nothing"));

function describe(value: Record<string, unknown>): string {
  return Object.entries(value)
    .map(([name, part]) => `${name}: ${String(part)}`)
    .join("\n");
}

type Colours = { ink: string; muted: string; line: string; series: string[] };

/** The page's colours as they are now, light or dark. */
function coloursOf(element: HTMLElement): Colours {
  const probe = document.createElement("span");
  element.append(probe);
  const colour = (name: string) => {
    probe.style.color = `var(${name})`;
    return getComputedStyle(probe).color;
  };
  const colours = {
    ink: colour("--ink"),
    muted: colour("--muted"),
    line: colour("--line"),
    series: [1, 2, 3, 4, 5].map((number) => colour(`--chart-${number}`)),
  };
  probe.remove();
  return colours;
}

/** Whether the names along the axis would run into each other if they lay flat. */
function isCrowded({ data, encoding }: ChartSpecification): boolean {
  const values = (data as { values?: Record<string, unknown>[] } | undefined)?.values ?? [];
  const field = (encoding as { x?: { field?: string } } | undefined)?.x?.field ?? "";
  const names = new Set(values.map((value) => String(value[field] ?? "")));
  return [...names].reduce((length, name) => length + Math.max(3, name.length), 0) > 70;
}

function configOf({ ink, muted, line, series }: Colours, crowded: boolean, scale: number): Config {
  const small = 12 * scale;
  const font = '"Inter Variable", system-ui, sans-serif';
  return {
    font,
    range: { category: series },
    axis: {
      labelColor: muted,
      titleColor: muted,
      titleFontWeight: 500,
      gridColor: line,
      domainColor: line,
      tickColor: line,
      labelFontSize: small,
      titleFontSize: small,
      labelLimit: 140 * scale,
    },
    axisX: { labelAngle: crowded ? -40 : 0 },
    legend: { labelColor: muted, titleColor: muted, labelFontSize: small, titleFontSize: small },
    title: { color: ink, fontSize: 14 * scale, fontWeight: 600, anchor: "start", offset: small },
    view: { stroke: null },
    bar: { fill: series[0], cornerRadiusEnd: 3 },
    line: { stroke: series[0], strokeWidth: 2 },
    point: { fill: series[0], filled: true },
    area: { fill: series[0], fillOpacity: 0.25 },
  } as unknown as Config;
}
