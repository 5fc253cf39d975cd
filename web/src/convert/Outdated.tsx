import type { ComponentChildren } from "preact";
import { outdated } from "../state/outdated.ts";
import { strings } from "../strings.ts";
import { Callout } from "../ui/Problem.tsx";

const words = strings.outdated;

/** Says in what the tables are behind; nothing if they are not. */
export function Outdated({ children }: { children?: ComponentChildren }) {
  const found = outdated.value;
  if (!found) return null;
  const { uploads, added, otherwise } = found;
  return (
    <Callout tone="warn" title={words.title}>
      {uploads.length > 0 && <p>{words.uploads(uploads)}</p>}
      {added > 0 && <p>{words.added(added)}</p>}
      {otherwise && <p>{words.otherwise}</p>}
      {children && <div>{children}</div>}
    </Callout>
  );
}
