import type { FunctionComponent } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import type { User } from "../api/types.ts";
import { go, place, to } from "../lib/router.ts";
import { followDrops, isOver, isSending } from "../state/dropping.ts";
import { lastPlace, visit } from "../state/places.ts";
import { startStores } from "../state/start.ts";
import { strings } from "../strings.ts";
import { Icon, type IconName } from "../ui/Icon.tsx";
import { Callout } from "../ui/Problem.tsx";
import { shownName } from "../ui/title.ts";
import { AccountMenu } from "./AccountMenu.tsx";
import { Brand } from "./Brand.tsx";
import { EndingBanner } from "./EndingBanner.tsx";

type View = keyof typeof strings.views;
type Loaded = FunctionComponent;

const VIEWS: Record<View, { icon: IconName; load: () => Promise<Loaded> }> = {
  upload: { icon: "upload", load: async () => (await import("../upload/UploadView.tsx")).UploadView },
  convert: { icon: "convert", load: async () => (await import("../convert/ConvertView.tsx")).ConvertView },
  tables: { icon: "tables", load: async () => (await import("../tables/TablesView.tsx")).TablesView },
  chat: { icon: "chat", load: async () => (await import("../chat/ChatView.tsx")).ChatView },
  admin: { icon: "admin", load: async () => (await import("../admin/AdminView.tsx")).AdminView },
};

const loaded = new Map<View, Loaded>();

/** The frame around every view of somebody who is signed in. */
export function Shell({ user }: { user: User }) {
  const main = useRef<HTMLElement>(null);
  const views = (Object.keys(VIEWS) as View[]).filter((view) => view !== "admin" || user.role === "admin");
  const asked = views.find((view) => view === place.value.view);
  const current = asked ?? "upload";
  const [, drawAgain] = useState(0);
  const [missing, setMissing] = useState<View | null>(null);

  useEffect(() => {
    void startStores();
    return followDrops();
  }, []);
  useEffect(() => visit(place.value), [place.value]);
  useEffect(() => {
    if (!asked) go(to("upload"), "replace");
  }, [asked]);
  useEffect(() => {
    let here = true;
    if (!loaded.has(current)) {
      VIEWS[current].load().then(
        (view) => {
          loaded.set(current, view);
          if (here) drawAgain((times) => times + 1);
        },
        () => setMissing(current),
      );
    }
    return () => {
      here = false;
    };
  }, [current]);

  useEffect(() => {
    document.title = [shownName.value, strings.views[current], strings.product].filter(Boolean).join(" · ");
  }, [current, shownName.value]);

  const CurrentView = loaded.get(current);
  return (
    <div class="shell">
      <button type="button" class="button skip" onClick={() => main.current?.focus()}>
        {strings.skip}
      </button>
      <div class="side">
        <Brand tagline={false} />
        <nav aria-label={strings.navigation}>
          <ul>
            {views.map((view) => (
              <li key={view}>
                <a
                  class="item"
                  // Back to where one was; who is there already comes to its beginning.
                  href={view === current ? to(view) : lastPlace(view)}
                  aria-current={view === current ? "page" : undefined}
                  title={view === "upload" && isSending.value ? strings.upload.onTheWay : undefined}
                >
                  <Icon name={VIEWS[view].icon} size={19} />
                  <span>{strings.views[view]}</span>
                  {view === "upload" && isSending.value && <i class="sending" />}
                </a>
              </li>
            ))}
          </ul>
        </nav>
        <AccountMenu user={user} />
      </div>
      <main class="main" ref={main} tabIndex={-1}>
        <EndingBanner />
        {CurrentView && <CurrentView />}
        {!CurrentView && missing === current && <MissingView />}
      </main>
      {isOver.value && current !== "upload" && (
        <p class="drop-anywhere" aria-hidden="true">
          {strings.upload.dropNow}
        </p>
      )}
    </div>
  );
}

/** In the place of a view that cannot be had: the service is away, or a newer version has other files. */
function MissingView() {
  return (
    <div class="page">
      <Callout title={strings.missingView.title}>
        <p>{strings.missingView.detail}</p>
        <div>
          <button type="button" class="button small" onClick={() => location.reload()}>
            <Icon name="again" size={15} />
            {strings.missingView.reload}
          </button>
        </div>
      </Callout>
    </div>
  );
}
