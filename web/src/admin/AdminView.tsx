import { place, to } from "../lib/router.ts";
import { strings } from "../strings.ts";
import { PageHead } from "../ui/parts.tsx";
import { Accounts } from "./Accounts.tsx";
import { Activity } from "./Activity.tsx";
import { Jobs } from "./Jobs.tsx";
import { Overview } from "./Overview.tsx";
import { Sessions } from "./Sessions.tsx";

const words = strings.admin;
const PARTS = { overview: Overview, sessions: Sessions, jobs: Jobs, accounts: Accounts, activity: Activity };
type Part = keyof typeof PARTS;

export function AdminView() {
  const parts = Object.keys(PARTS) as Part[];
  const current = parts.find((part) => part === place.value.rest[0]) ?? "overview";
  const CurrentPart = PARTS[current];
  return (
    <div class="page">
      <PageHead title={words.title} lead={words.lead} />
      <nav class="tabs page-tabs" aria-label={words.title}>
        {parts.map((part) => (
          <a key={part} class="tab" href={to("admin", [part])} aria-current={part === current ? "page" : undefined}>
            {words.parts[part]}
          </a>
        ))}
      </nav>
      <CurrentPart />
    </div>
  );
}
