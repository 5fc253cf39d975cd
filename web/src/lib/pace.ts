/** How far back the speed is looked at, in milliseconds. */
const WINDOW = 4000;

/** The speed of something that grows, over the last seconds, and how long the rest takes at that speed. */
export class Pace {
  #points: { at: number; done: number }[] = [];

  add(done: number, at: number): void {
    this.#points.push({ at, done });
    while (this.#points.length > 2 && (this.#points[0]?.at ?? at) < at - WINDOW) this.#points.shift();
  }

  /** Units a second; none before there is something to compare. */
  get speed(): number | undefined {
    const first = this.#points[0];
    const last = this.#points.at(-1);
    if (!first || !last || last.at - first.at < 200) return undefined;
    return Math.max(0, (last.done - first.done) / ((last.at - first.at) / 1000));
  }

  /** Seconds until `total` is reached; none if nothing moves. */
  left(total: number): number | undefined {
    const last = this.#points.at(-1);
    const speed = this.speed;
    return last && speed ? Math.max(0, (total - last.done) / speed) : undefined;
  }
}
