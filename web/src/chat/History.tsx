import { useEffect, useState } from "preact/hooks";
import type { ConversationSummary } from "../api/types.ts";
import { when } from "../lib/format.ts";
import { go, to } from "../lib/router.ts";
import {
  deleteConversation,
  exportConversation,
  history,
  loadHistory,
  loadMoreHistory,
  renameConversation,
} from "../state/conversations.ts";
import { attempt } from "../state/notices.ts";
import { newThread } from "../state/thread.ts";
import { strings } from "../strings.ts";
import { FormDialog } from "../ui/Dialog.tsx";
import { Icon } from "../ui/Icon.tsx";
import { Menu, menuItem } from "../ui/Menu.tsx";
import { ProblemNote } from "../ui/Problem.tsx";

const words = strings.chat;
const SETTLE = 250;

type Asking = { what: "rename" | "delete"; about: ConversationSummary };

/** The conversations of before: found, named, taken along, deleted. */
export function History({ current, onPick }: { current: string | null; onPick: () => void }) {
  const [sought, setSought] = useState(history.value.words);
  const [asking, setAsking] = useState<Asking | null>(null);
  const { items, next, state, problem } = history.value;
  useEffect(() => {
    const timer = setTimeout(() => void loadHistory(sought), sought === history.value.words ? 0 : SETTLE);
    return () => clearTimeout(timer);
  }, [sought]);
  return (
    <div class="history">
      <div class="history-head">
        <a
          class="button block"
          href={to("chat")}
          onClick={({ ctrlKey, metaKey, shiftKey }) => {
            // The address may be this one already.
            if (!ctrlKey && !metaKey && !shiftKey) newThread();
            onPick();
          }}
        >
          <Icon name="plus" size={16} />
          {words.newConversation}
        </a>
        <div class="search">
          <Icon name="search" size={16} />
          <input
            class="input small"
            type="search"
            aria-label={words.search}
            placeholder={words.search}
            value={sought}
            onInput={(event) => setSought(event.currentTarget.value)}
          />
        </div>
      </div>
      {problem && <ProblemNote problem={problem} onRetry={() => loadHistory()} />}
      <nav aria-label={words.history}>
        <ul>
          {items.map((summary) => (
            <Entry key={summary.id} summary={summary} current={current} onPick={onPick} onAsk={setAsking} />
          ))}
        </ul>
      </nav>
      {state === "known" && items.length === 0 && !problem && (
        <p class="small muted none">{sought.trim() ? words.nothingFound : words.noHistory}</p>
      )}
      {next && (
        <button type="button" class="button quiet small" onClick={() => loadMoreHistory()}>
          {strings.more}
        </button>
      )}
      {asking?.what === "rename" && <RenameDialog about={asking.about} onClose={() => setAsking(null)} />}
      {asking?.what === "delete" && (
        <FormDialog
          title={words.deleteTitle}
          detail={words.deleteDetail(nameOf(asking.about))}
          submit={words.delete}
          danger
          onSubmit={async () => {
            await deleteConversation(asking.about.id);
            if (asking.about.id === current) go(to("chat"));
          }}
          onClose={() => setAsking(null)}
        />
      )}
    </div>
  );
}

const nameOf = ({ title }: ConversationSummary) => title ?? words.untitled;

function Entry({
  summary,
  current,
  onPick,
  onAsk,
}: {
  summary: ConversationSummary;
  current: string | null;
  onPick: () => void;
  onAsk: (asking: Asking) => void;
}) {
  const name = nameOf(summary);
  const take = (format: "md" | "json") => attempt(() => exportConversation(summary.id, name, format));
  return (
    <li class="talk" aria-current={summary.id === current ? "true" : undefined}>
      <a href={to("chat", [summary.id])} aria-current={summary.id === current ? "page" : undefined} onClick={onPick}>
        <span class="truncate" title={name}>
          {name}
        </span>
        <span class="small muted number">{when(summary.updated_at)}</span>
      </a>
      <Menu label={words.menuOf(name)} button={<Icon name="more" size={16} />}>
        {(close) => (
          <>
            {menuItem(close, "edit", words.rename, () => onAsk({ what: "rename", about: summary }))}
            {menuItem(close, "download", words.exportMarkdown, () => take("md"))}
            {menuItem(close, "code", words.exportJson, () => take("json"))}
            {menuItem(close, "trash", words.delete, () => onAsk({ what: "delete", about: summary }))}
          </>
        )}
      </Menu>
    </li>
  );
}

function RenameDialog({ about, onClose }: { about: ConversationSummary; onClose: () => void }) {
  const [title, setTitle] = useState(nameOf(about));
  return (
    <FormDialog
      title={words.rename}
      submit={strings.save}
      onSubmit={() => renameConversation(about.id, title.trim())}
      onClose={onClose}
    >
      <input
        class="input"
        aria-label={words.name}
        maxLength={200}
        required
        value={title}
        onInput={(event) => setTitle(event.currentTarget.value)}
      />
    </FormDialog>
  );
}
