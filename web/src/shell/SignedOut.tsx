import { useEffect, useRef } from "preact/hooks";
import type { Removed } from "../api/types.ts";
import { bytes, count } from "../lib/format.ts";
import { end } from "../state/session.ts";
import { strings } from "../strings.ts";
import { Brand } from "./Brand.tsx";

const words = strings.signedOut;

/** What became of the session. */
export function SignedOut({ removed, elsewhere }: { removed: Removed | null; elsewhere: boolean }) {
  const heading = useRef<HTMLHeadingElement>(null);
  // What was pressed is gone with the session.
  useEffect(() => heading.current?.focus(), []);
  return (
    <main class="start">
      <div class="panel">
        <Brand />
        <div class="card padded stack">
          <h1 ref={heading} tabIndex={-1}>
            {elsewhere ? words.elsewhere : words.title}
          </h1>
          {removed && (
            <>
              <p class="muted">{words.removed}</p>
              <dl class="tally number">
                <Line value={count(removed.files)} label={words.files} />
                <Line value={bytes(removed.bytes)} label={words.bytes} />
                {removed.conversations_flushed > 0 && (
                  <Line value={count(removed.conversations_flushed)} label={words.conversations} />
                )}
              </dl>
            </>
          )}
          <button type="button" class="button primary block" onClick={() => end({ why: "none" })}>
            {words.again}
          </button>
        </div>
      </div>
    </main>
  );
}

function Line({ value, label }: { value: string; label: string }) {
  return (
    <div>
      <dt>{label}</dt>
      <dd>{value}</dd>
    </div>
  );
}
