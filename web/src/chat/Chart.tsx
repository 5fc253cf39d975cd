import { useEffect, useRef, useState } from "preact/hooks";
import type { ChartSpecification } from "../api/types.ts";
import { shownTheme } from "../lib/theme.ts";
import { strings } from "../strings.ts";
import { Wide } from "../ui/parts.tsx";

type Values = Record<string, unknown>[];
type Encodings = Record<string, { field: string; title?: string }>;

/** A chart, and its figures as a table for who does not see it. What draws is fetched with the first chart. */
export function Chart({ specification }: { specification: ChartSpecification }) {
  const box = useRef<HTMLDivElement>(null);
  const [failed, setFailed] = useState(false);
  const theme = shownTheme.value;
  // Drawn again in the colours of another theme.
  useEffect(() => {
    let remove = () => {};
    let gone = false;
    const drawIt = async (element: HTMLDivElement, _theme: number) => {
      const { draw } = await import("./vega.ts");
      if (!gone) remove = draw(element, specification);
    };
    if (box.current) drawIt(box.current, theme).catch(() => setFailed(true));
    return () => {
      gone = true;
      remove();
    };
  }, [specification, theme]);
  const title = typeof specification.title === "string" ? specification.title : strings.chat.chart;
  return (
    <figure class="chart card">
      {!failed && <div ref={box} class="drawing" role="img" aria-label={title} />}
      <details open={failed}>
        <summary class="small">{strings.chat.chartData}</summary>
        <Figures specification={specification} />
      </details>
    </figure>
  );
}

const SHOWN = 200;

function Figures({ specification }: { specification: ChartSpecification }) {
  const values = ((specification.data as { values?: Values } | undefined)?.values ?? []).slice(0, SHOWN);
  const encodings = Object.values((specification.encoding ?? {}) as Encodings);
  return (
    <Wide label={strings.chat.chartData}>
      <table class="plain small number">
        <thead>
          <tr>
            {encodings.map(({ field, title }) => (
              <th key={field} scope="col">
                {title ?? field}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {values.map((value, at) => (
            <tr key={at}>
              {encodings.map(({ field }) => (
                <td key={field}>{String(value[field] ?? "–")}</td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </Wide>
  );
}
