import { useEffect, useState } from "preact/hooks";
import { sessionEnd } from "../state/session.ts";

/** Seconds until the session ends if nothing more is heard of it; null until that is known. */
export function useCountdown(): number | null {
  const [now, setNow] = useState(() => performance.now());
  useEffect(() => {
    const timer = setInterval(() => setNow(performance.now()), 1000);
    return () => clearInterval(timer);
  }, []);
  const until = sessionEnd.value;
  return until === null ? null : Math.max(0, (until - Math.max(now, performance.now() - 1000)) / 1000);
}
