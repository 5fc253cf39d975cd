import { dismiss, notices } from "../state/notices.ts";
import { strings } from "../strings.ts";
import { Icon } from "./Icon.tsx";

export function Notices() {
  return (
    <div class="notices" role="status" aria-live="polite">
      {notices.value.map((notice) => (
        <div key={notice.id} class={`notice ${notice.tone}`}>
          <Icon name={notice.tone === "good" ? "check" : "alert"} />
          <div class="grow">
            <strong>{notice.text}</strong>
            {notice.detail && <p class="small muted">{notice.detail}</p>}
          </div>
          <button
            type="button"
            class="button quiet icon small"
            aria-label={strings.close}
            onClick={() => dismiss(notice.id)}
          >
            <Icon name="close" size={15} />
          </button>
        </div>
      ))}
    </div>
  );
}
