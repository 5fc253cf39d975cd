import { useState } from "preact/hooks";
import { cleanUp, flush, look } from "../state/figures.ts";
import { attempt } from "../state/notices.ts";
import { strings } from "../strings.ts";

const words = strings.admin;

/** Work that is else done now and then, done now. */
export function Upkeep() {
  return (
    <section class="panels" aria-label={words.upkeep}>
      <Work
        title={words.flushTitle}
        detail={words.flushDetail}
        button={words.flush}
        run={async () => {
          const { flushed, remaining } = await flush();
          return words.flushed(flushed, remaining);
        }}
      />
      <Work
        title={words.cleanupTitle}
        detail={words.cleanupDetail}
        button={words.cleanup}
        run={async () => words.cleaned(await cleanUp())}
      />
    </section>
  );
}

function Work({
  title,
  detail,
  button,
  run,
}: {
  title: string;
  detail: string;
  button: string;
  run: () => Promise<string>;
}) {
  const [busy, setBusy] = useState(false);
  const [done, setDone] = useState<string | null>(null);
  const start = async () => {
    if (busy) return;
    setBusy(true);
    setDone(null);
    await attempt(async () => setDone(await run()));
    setBusy(false);
    await look();
  };
  return (
    <div class="card padded stack">
      <div>
        <h2>{title}</h2>
        <p class="muted">{detail}</p>
      </div>
      <div class="row wrap">
        <button type="button" class="button" aria-disabled={busy} onClick={start}>
          {busy && <span class="spinner" />}
          {button}
        </button>
        <span class="small muted" role="status">
          {done}
        </span>
      </div>
    </div>
  );
}
