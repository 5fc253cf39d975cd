import { useEffect } from "preact/hooks";
import { countdown } from "../lib/format.ts";
import { attempt } from "../state/notices.ts";
import { refreshEnd } from "../state/session.ts";
import { strings } from "../strings.ts";
import { useCountdown } from "./useCountdown.ts";

/** So many seconds before the end the person is told. */
const WARN = 300;

export function EndingBanner() {
  const left = useCountdown();
  const over = left === 0;
  useEffect(() => {
    // The service knows whether it is really over; another tab may have kept it alive.
    if (over) void attempt(refreshEnd);
  }, [over]);
  if (left === null || left > WARN) return null;
  return (
    <div class="ending" role="status">
      <strong class="number">{strings.account.ending(countdown(left))}</strong>
      <span class="muted grow">{strings.account.endingDetail}</span>
      <button type="button" class="button small" onClick={() => attempt(refreshEnd)}>
        {strings.account.stay}
      </button>
    </div>
  );
}
