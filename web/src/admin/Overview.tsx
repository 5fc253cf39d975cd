import { useEffect } from "preact/hooks";
import * as format from "../lib/format.ts";
import { byLabel, type Figures } from "../lib/prometheus.ts";
import { look, watched } from "../state/figures.ts";
import { strings } from "../strings.ts";
import { ProblemNote } from "../ui/Problem.tsx";
import { Course, type Share, Shares } from "./charts.tsx";
import { Dependencies } from "./Dependencies.tsx";
import { Upkeep } from "./Upkeep.tsx";

const words = strings.admin;
const EVERY = 10_000;

/** How the service is: its figures and their course since the view was opened. */
export function Overview() {
  useEffect(() => {
    void look();
    const timer = setInterval(() => {
      if (!document.hidden) void look();
    }, EVERY);
    return () => clearInterval(timer);
  }, []);
  const { looks, readiness, problem } = watched.value;
  const now = looks.at(-1)?.figures;
  if (!now) return problem ? <ProblemNote problem={problem} onRetry={look} /> : null;
  const tile = (label: string, name: string, show: (value: number) => string = format.count) => {
    const values = looks.map(({ figures }) => figures.get(name) ?? 0);
    const between = words.courseOf(label, show(Math.min(...values)), show(Math.max(...values)));
    return (
      <div class="card tile">
        <dt>{label}</dt>
        <dd class="number">
          {show(now.get(name) ?? 0)}
          <Course values={values} label={between} />
        </dd>
      </div>
    );
  };
  return (
    <div class="stack wide">
      {problem && <ProblemNote problem={problem} onRetry={look} />}
      <dl class="tiles">
        {tile(words.sessions, "ret_open_sessions")}
        {tile(words.accounts, "ret_accounts")}
        {tile(words.fileBytes, "ret_file_bytes", format.bytes)}
        {tile(words.waitingChanges, "ret_history_pending_changes")}
      </dl>
      <div class="panels">
        <Panel title={words.jobs} shares={shared(now, "ret_jobs", words.jobStates)} none={words.noJobs} />
        <Panel
          title={words.cache}
          shares={shared(now, "ret_cache_lookups_total", words.cacheOutcomes)}
          none={words.noLookups}
          note={words.hitRate(hitRate(now))}
        />
        <Panel
          title={words.reads}
          shares={shared(now, "ret_history_reads_total", words.readTiers)}
          none={words.noReads}
        />
        <WriteBack figures={now} />
      </div>
      {readiness && <Dependencies readiness={readiness} />}
      <Upkeep />
    </div>
  );
}

function shared(figures: Figures, name: string, labels: Record<string, string>): Share[] {
  return byLabel(figures, name).map(({ label, value }) => ({
    label: labels[label] ?? label,
    value,
    shown: format.count(value),
  }));
}

/** How many of all look-ups found a session, in per cent. */
function hitRate(figures: Figures): string {
  const lookups = byLabel(figures, "ret_cache_lookups_total");
  const all = lookups.reduce((sum, { value }) => sum + value, 0);
  const missed = lookups.find(({ label }) => label === "miss")?.value ?? 0;
  return all > 0 ? `${(((all - missed) / all) * 100).toFixed(1)} %` : "–";
}

type PanelContent = { title: string; shares: Share[]; none: string; note?: string };

function Panel({ title, shares, none, note }: PanelContent) {
  const total = shares.reduce((sum, { value }) => sum + value, 0);
  return (
    <section class="card padded stack">
      <div class="row">
        <h2 class="grow">{title}</h2>
        {note && total > 0 && <span class="muted number">{note}</span>}
      </div>
      {total === 0 ? <p class="muted">{none}</p> : <Shares shares={shares} label={title} />}
    </section>
  );
}

/** What was written of conversations behind the answers. */
function WriteBack({ figures }: { figures: Figures }) {
  const of = (name: string) => figures.get(`ret_history_${name}`) ?? 0;
  const joins = of("joins_total");
  const lines: [string, string][] = [
    [words.joins, format.count(joins)],
    [words.joinedChanges, format.count(of("joined_changes_total"))],
    [words.joinTime, joins > 0 ? words.milliseconds(of("join_milliseconds_total") / joins) : "–"],
    [words.oldest, format.duration(of("oldest_pending_seconds"))],
    [words.refused, format.count(of("refused_total"))],
  ];
  return (
    <section class="card padded stack">
      <h2>{words.writeBack}</h2>
      <dl class="facts-list number">
        {lines.map(([label, value]) => (
          <div key={label}>
            <dt>{label}</dt>
            <dd>{value}</dd>
          </div>
        ))}
      </dl>
    </section>
  );
}
