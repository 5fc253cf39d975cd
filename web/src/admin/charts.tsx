const WIDTH = 160;
const HEIGHT = 36;

/** The course of a figure, from left to right; of a single value a level line. */
export function Course({ values: given, label }: { values: number[]; label: string }) {
  const values = given.length === 1 ? [...given, ...given] : given;
  const greatest = Math.max(1, ...values);
  const step = WIDTH / Math.max(1, values.length - 1);
  const points = values.map((value, at) => [at * step, HEIGHT - 2 - (value / greatest) * (HEIGHT - 4)] as const);
  const line = points.map(([x, y], at) => `${at === 0 ? "M" : "L"}${x.toFixed(1)} ${y.toFixed(1)}`).join("");
  return (
    <svg class="course" viewBox={`0 0 ${WIDTH} ${HEIGHT}`} preserveAspectRatio="none" role="img" aria-label={label}>
      {points.length > 0 && (
        <>
          <path class="area" d={`${line}L${WIDTH} ${HEIGHT}L0 ${HEIGHT}Z`} />
          <path class="line" d={line} />
        </>
      )}
    </svg>
  );
}

export type Share = { label: string; value: number; shown: string };

/** Shares of a whole, each as a bar. */
export function Shares({ shares, label }: { shares: Share[]; label: string }) {
  const greatest = Math.max(1, ...shares.map(({ value }) => value));
  return (
    <dl class="shares" aria-label={label}>
      {shares.map(({ label, value, shown }) => (
        <div key={label}>
          <dt class="truncate">{label}</dt>
          <dd>
            <span class="bar" style={{ transform: `scaleX(${value / greatest})` }} />
            <span class="number">{shown}</span>
          </dd>
        </div>
      ))}
    </dl>
  );
}
