import { useState } from "preact/hooks";
import { open } from "../api/client.ts";
import { fileAddress } from "../api/download.ts";
import type { Fault } from "../api/problem.ts";
import type { NamedFile } from "../lib/dropped.ts";
import { type Excerpt, excerptOf } from "../lib/excerpt.ts";
import { sentence, splitPath } from "../lib/format.ts";
import { strings } from "../strings.ts";
import { Icon } from "../ui/Icon.tsx";
import { ExcerptView } from "./ExcerptView.tsx";

const words = strings.problem;
const SHOWN = 8;

/** What is at fault, why, and where; the place can be looked at. */
export function FaultList({ faults, locals = [], title }: { faults: Fault[]; locals?: NamedFile[]; title: string }) {
  const [all, setAll] = useState(false);
  const shown = all ? faults : faults.slice(0, SHOWN);
  return (
    <div class="faults">
      <h3 class="row">
        <Icon name="alert" size={16} />
        {title}
      </h3>
      <ul>
        {shown.map((fault) => (
          <Entry key={`${fault.file}:${fault.code}`} fault={fault} locals={locals} />
        ))}
      </ul>
      {!all && faults.length > SHOWN && (
        <button type="button" class="button quiet small" onClick={() => setAll(true)}>
          {strings.more} ({faults.length - SHOWN})
        </button>
      )}
    </div>
  );
}

function Entry({ fault, locals }: { fault: Fault; locals: NamedFile[] }) {
  const [excerpt, setExcerpt] = useState<Excerpt | "none" | "busy" | null>(null);
  const { folder, name } = splitPath(fault.file);
  const show = async () => {
    if (excerpt !== null) return setExcerpt(null);
    setExcerpt("busy");
    setExcerpt((await look(fault, locals).catch(() => null)) ?? "none");
  };
  return (
    <li>
      <p class="fault-name">
        <span class="muted">{folder}</span>
        <strong>{name}</strong>
        {fault.line && <span class="muted number"> · {words.place(fault.line, fault.column)}</span>}
      </p>
      <p class="muted">{sentence(fault.detail)}</p>
      {fault.line && (
        <button type="button" class="button quiet small" aria-expanded={excerpt !== null} onClick={show}>
          <Icon name={excerpt === null ? "right" : "expand"} size={14} />
          {excerpt === null ? words.showPlace : words.hidePlace}
        </button>
      )}
      {excerpt === "busy" && <p class="small muted">{strings.loading}</p>}
      {excerpt === "none" && <p class="small muted">{words.noPlace}</p>}
      {typeof excerpt === "object" && excerpt && <ExcerptView excerpt={excerpt} />}
    </li>
  );
}

/** The text around the fault: out of the file that was sent from here, else out of what the service keeps of it. */
async function look(fault: Fault, locals: NamedFile[]): Promise<Excerpt | null> {
  const line = fault.line ?? 1;
  const column = fault.column ?? undefined;
  const local = locals.find(({ name }) => name === fault.file);
  if (local) return excerptOf(local.file.stream(), line, column);
  for (const area of ["extracted", "input"]) {
    const response = await open(fileAddress(area, fault.file)).catch(() => null);
    if (response?.body) return excerptOf(response.body, line, column);
  }
  return null;
}
