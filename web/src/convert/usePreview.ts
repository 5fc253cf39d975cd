import { useEffect, useState } from "preact/hooks";
import { api, take } from "../api/client.ts";
import { asProblem, type Problem, wasAborted } from "../api/problem.ts";
import { pause } from "../api/send.ts";
import type { Preview, PreviewGroup, PreviewTable } from "../api/types.ts";
import { type Options, previewOf } from "../lib/options.ts";

export type Shown = {
  busy: boolean;
  tables: PreviewTable[];
  groups: PreviewGroup[];
  faults: Preview["errors"];
  warnings: Preview["warnings"];
  problem: Problem | null;
};

const NOTHING: Shown = { busy: true, tables: [], groups: [], faults: [], warnings: [], problem: null };
const SETTLE = 300;
const ROWS = 20;

/** The tables as the options would make them; asked for again shortly after the last change. */
export function usePreview(options: Options, documents: number): Shown {
  const [shown, setShown] = useState<Shown>(NOTHING);
  const body = JSON.stringify(previewOf(options));
  useEffect(() => {
    if (documents === 0) return;
    const stop = new AbortController();
    const look = async () => {
      await pause(SETTLE, stop.signal);
      setShown((before) => ({ ...before, busy: true }));
      const wanted = { ...JSON.parse(body), rows: ROWS, partial: true };
      const preview = await take(api.POST("/api/convert/preview", { body: wanted, signal: stop.signal }));
      setShown({
        busy: false,
        tables: preview.tables as unknown as PreviewTable[],
        groups: preview.groups as unknown as PreviewGroup[],
        faults: preview.errors,
        warnings: preview.warnings,
        problem: null,
      });
    };
    look().catch((thrown) => {
      // What was shown before stays, so that a choice that does not work can be taken back in sight of it.
      if (!wasAborted(thrown)) setShown((before) => ({ ...before, busy: false, problem: asProblem(thrown) }));
    });
    return () => stop.abort();
  }, [body, documents]);
  return shown;
}
