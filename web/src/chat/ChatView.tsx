import { useEffect, useState } from "preact/hooks";
import { go, place, to } from "../lib/router.ts";
import { history } from "../state/conversations.ts";
import { openThread, takeBegunMeanwhile, thread } from "../state/thread.ts";
import { strings } from "../strings.ts";
import { Icon } from "../ui/Icon.tsx";
import { useShownName } from "../ui/title.ts";
import { History } from "./History.tsx";
import { Thread } from "./Thread.tsx";

const words = strings.chat;

export function ChatView() {
  const { view, rest } = place.value;
  const id = view === "chat" ? (rest[0] ?? null) : thread.value.id;
  const [open, setOpen] = useState(false);
  useEffect(() => {
    const begun = takeBegunMeanwhile();
    if (id === null && begun !== null) go(to("chat", [begun]), "replace");
    else void openThread(id);
  }, [id]);
  const known = history.value.items.find((summary) => summary.id === id)?.title;
  const name = known ?? thread.value.title;
  useShownName(name ?? "");
  return (
    <div class="chat" data-history={open}>
      <History current={id} onPick={() => setOpen(false)} />
      <div class="talking">
        <header class="row talk-head">
          <button
            type="button"
            class="button quiet icon narrow-only"
            aria-label={words.history}
            aria-expanded={open}
            onClick={() => setOpen(!open)}
          >
            <Icon name={open ? "close" : "menu"} />
          </button>
          <h1 class="truncate">{name ?? words.title}</h1>
          {thread.value.temporary && <span class="badge warn">{words.temporaryBadge}</span>}
        </header>
        <Thread />
      </div>
    </div>
  );
}
