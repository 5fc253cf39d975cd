const number = new Intl.NumberFormat("en");
const compact = new Intl.NumberFormat("en", { notation: "compact", maximumFractionDigits: 1 });
const moment = new Intl.DateTimeFormat("en", { dateStyle: "medium", timeStyle: "short" });
const clock = new Intl.DateTimeFormat("en", { timeStyle: "short" });

const UNITS = ["B", "kB", "MB", "GB", "TB"];

/** `1234567` as `1.2 MB`. */
export function bytes(value: number): string {
  let size = value;
  let unit = 0;
  while (size >= 999.5 && unit < UNITS.length - 1) {
    size /= 1000;
    unit += 1;
  }
  const digits = unit === 0 || size >= 99.95 ? 0 : 1;
  return `${size.toFixed(digits)} ${UNITS[unit]}`;
}

/** `1234567` as `1,234,567`. */
export function count(value: number): string {
  return number.format(value);
}

/** `1234567` as `1.2M`. */
export function shortCount(value: number): string {
  return compact.format(value);
}

/** Seconds as `4 s`, `3 min`, `1 h 20 min`. */
export function duration(seconds: number): string {
  const whole = Math.max(0, Math.round(seconds));
  if (whole < 60) return `${whole} s`;
  const minutes = Math.round(whole / 60);
  if (minutes < 60) return `${minutes} min`;
  const rest = minutes % 60;
  return rest === 0 ? `${Math.floor(minutes / 60)} h` : `${Math.floor(minutes / 60)} h ${rest} min`;
}

/** Seconds as `4:05`. */
export function countdown(seconds: number): string {
  const whole = Math.max(0, Math.ceil(seconds));
  return `${Math.floor(whole / 60)}:${String(whole % 60).padStart(2, "0")}`;
}

/** A moment of the service as it is said here; only the time if it is of today. */
export function when(timestamp: string, now = new Date()): string {
  const at = new Date(timestamp);
  return at.toDateString() === now.toDateString() ? clock.format(at) : moment.format(at);
}

/** Done of a total as a whole percentage; 0 of an unknown total. */
export function percent(done: number, total: number): number {
  return total > 0 ? Math.min(100, Math.floor((done / total) * 100)) : 0;
}

/** What the service says, which begins with a small letter, as a sentence; a quoted name stays as it is. */
export function sentence(text: string): string {
  return /^\p{Ll}/u.test(text) ? `${text.slice(0, 1).toUpperCase()}${text.slice(1)}` : text;
}

/** The last part of a path, and what comes before it. */
export function splitPath(path: string): { folder: string; name: string } {
  const slash = path.lastIndexOf("/");
  return { folder: path.slice(0, slash + 1), name: path.slice(slash + 1) };
}
