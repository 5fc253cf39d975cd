import { signal } from "@preact/signals";
import { type InBlocks, sendBlocks, takesBlocks } from "../api/blocks.ts";
import { api, take } from "../api/client.ts";
import { discardContent, type InOne, sendContent } from "../api/content.ts";
import { asProblem, Problem, wasAborted } from "../api/problem.ts";
import { transfer } from "../api/transfer.ts";
import type { Job, Ticket, UploadReport } from "../api/types.ts";
import { type Batch, batchesOf } from "../lib/batches.ts";
import type { NamedFile } from "../lib/dropped.ts";
import { Pace } from "../lib/pace.ts";
import { strings } from "../strings.ts";
import { isFinal, watchJob } from "./jobs.ts";
import { loadLibrary } from "./library.ts";
import { attempt } from "./notices.ts";
import { onForget } from "./stores.ts";

/** One request's files on their way. */
export type Transfer = Batch & {
  id: number;
  phase: "waiting" | "sending" | "reading" | "done" | "failed" | "cancelled";
  sent: number;
  speed: number | undefined;
  left: number | undefined;
  /** Documents that were found so far, while a large file is read. */
  found: number;
  report: UploadReport | null;
  problem: Problem | null;
};

export const transfers = signal<Transfer[]>([]);

/** What a transfer needs besides what is shown of it. */
type Backstage = {
  stop: AbortController;
  ticket: Ticket | null;
  /** How much of it is in the store, if that takes it in blocks. */
  blocks: InBlocks | null;
  /** What the service takes itself. */
  content: InOne | null;
  stored: boolean;
  job: string | null;
};
const backstage = new Map<number, Backstage>();
let last = 0;
let running = false;

onForget(() => {
  for (const { stop } of backstage.values()) stop.abort();
  backstage.clear();
  transfers.value = [];
});

export function addFiles(files: NamedFile[]): void {
  const added = batchesOf(files).map((batch): Transfer => {
    last += 1;
    const stop = new AbortController();
    backstage.set(last, { stop, ticket: null, blocks: null, content: null, stored: false, job: null });
    return {
      ...batch,
      id: last,
      phase: "waiting",
      sent: 0,
      speed: undefined,
      left: undefined,
      found: 0,
      report: null,
      problem: null,
    };
  });
  transfers.value = [...added.reverse(), ...transfers.value];
  void work();
}

/** Uploads that were still read when the page was opened: what is in them is shown once it is known. */
export async function awaitUploads(jobs: Job[]): Promise<void> {
  const open = jobs.filter((job) => job.kind === "upload" && !isFinal(job));
  if (open.length === 0) return;
  const { signal } = new AbortController();
  await Promise.allSettled(open.map(({ id }) => watchJob(id, { onChange: () => {}, onBroken: () => {}, signal })));
  await loadLibrary();
}

export function cancelTransfer(id: number): void {
  const behind = backstage.get(id);
  behind?.stop.abort();
  const job = behind?.job;
  if (behind?.content?.isBegun && !behind.stored) void discardContent(behind.content);
  if (job) void attempt(async () => void (await take(api.DELETE("/api/jobs/{id}", { params: { path: { id: job } } }))));
  change(id, (transfer) => ({ phase: transfer.phase === "done" ? "done" : "cancelled" }));
}

/** Sends again what broke off; a ticket that still holds is used again, and what arrived is not sent twice. */
export function resumeTransfer(id: number): void {
  const behind = backstage.get(id);
  if (!behind) return;
  behind.stop = new AbortController();
  change(id, () => ({ phase: "waiting", sent: 0, problem: null }));
  void work();
}

export function clearTransfers(): void {
  const isOver = ({ phase }: Transfer) => phase === "done" || phase === "failed" || phase === "cancelled";
  for (const transfer of transfers.value.filter(isOver)) backstage.delete(transfer.id);
  transfers.value = transfers.value.filter((transfer) => !isOver(transfer));
}

/** One after the other, in the order in which they were added. */
async function work(): Promise<void> {
  if (running) return;
  running = true;
  try {
    for (;;) {
      const next = transfers.value.findLast((transfer) => transfer.phase === "waiting");
      if (!next) return;
      await send(next);
    }
  } finally {
    running = false;
  }
}

async function send(next: Transfer): Promise<void> {
  const behind = backstage.get(next.id);
  if (!behind) return;
  const pace = new Pace();
  const onSent = (sent: number) => {
    const done = Math.min(sent, next.bytes);
    pace.add(done, performance.now());
    const phase = sent >= next.bytes ? "reading" : "sending";
    change(next.id, () => ({ phase, sent: done, speed: pace.speed, left: pace.left(next.bytes) }));
  };
  change(next.id, () => ({ phase: "sending" }));
  try {
    const report = next.kind === "ticket" ? await byTicket(next, behind, onSent) : await byForm(next, behind, onSent);
    change(next.id, () => ({ phase: "done", sent: next.bytes, report }));
    await loadLibrary();
  } catch (thrown) {
    if (wasAborted(thrown)) change(next.id, () => ({ phase: "cancelled" }));
    else change(next.id, () => ({ phase: "failed", problem: asProblem(thrown) }));
  }
}

async function byForm(next: Transfer, behind: Backstage, onSent: (bytes: number) => void): Promise<UploadReport> {
  const body = new FormData();
  for (const { name, file } of next.files) body.append("file", file, name);
  const { signal } = behind.stop;
  return (await transfer({ method: "POST", url: "/api/upload", body, signed: true, signal, onSent })) as UploadReport;
}

async function byTicket(next: Transfer, behind: Backstage, onSent: (bytes: number) => void): Promise<UploadReport> {
  const [first] = next.files;
  if (!first) throw new Error("a ticket is for one file");
  const { signal } = behind.stop;
  if (behind.ticket && Date.parse(behind.ticket.expires_at) < Date.now())
    Object.assign(behind, { ticket: null, blocks: null, content: null, stored: false });
  behind.ticket ??= await take(api.POST("/api/upload/tickets", { body: { name: first.name, bytes: first.file.size } }));
  const { upload_url: url, headers, ticket } = behind.ticket;
  if (!behind.stored) {
    if (takesBlocks(headers)) {
      behind.blocks ??= { url, file: first.file, arrived: 0 };
      await sendBlocks(behind.blocks, signal, onSent);
    } else {
      behind.content ??= { url, headers, file: first.file, isBegun: false };
      await sendContent(behind.content, signal, onSent);
    }
    behind.stored = true;
  }
  onSent(next.bytes);
  // Not waited for at once: what is found is shown as it is found.
  const params = { path: { ticket } };
  const asked = { params, headers: { prefer: "wait=1" }, signal };
  const completed = await take(api.POST("/api/upload/tickets/{ticket}/complete", asked));
  if (!("job_id" in completed)) return completed;
  const onChange = ({ progress }: Job) => change(next.id, () => ({ found: progress.documents_total ?? 0 }));
  behind.job = completed.job_id;
  const job = await watchJob(behind.job, { onChange, onBroken: () => {}, signal });
  return reportOf(job);
}

function reportOf(job: Job): UploadReport {
  if (job.state === "succeeded" && job.result) return job.result as UploadReport;
  const { code = job.state, detail = job.state, errors = [] } = job.error ?? {};
  throw new Problem({ code, title: strings.upload.unreadable, detail, faults: errors });
}

function change(id: number, members: (transfer: Transfer) => Partial<Transfer>): void {
  transfers.value = transfers.value.map((transfer) =>
    // What was cancelled stays so, whatever is still told of it.
    transfer.id === id && transfer.phase !== "cancelled" ? { ...transfer, ...members(transfer) } : transfer,
  );
}
