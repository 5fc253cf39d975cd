import { useId, useState } from "preact/hooks";
import type { User } from "../api/types.ts";
import { duration } from "../lib/format.ts";
import { setTheme, theme } from "../lib/theme.ts";
import { notify } from "../state/notices.ts";
import { changePassword, signOut } from "../state/session.ts";
import { strings } from "../strings.ts";
import { FormDialog } from "../ui/Dialog.tsx";
import { Icon } from "../ui/Icon.tsx";
import { Menu } from "../ui/Menu.tsx";
import { NewPasswordField, Segmented } from "../ui/parts.tsx";
import { useCountdown } from "./useCountdown.ts";

const words = strings.account;

export function AccountMenu({ user }: { user: User }) {
  const [asking, setAsking] = useState<"password" | "out" | null>(null);
  const left = useCountdown();
  const pick = (close: () => void, next: "password" | "out") => {
    close();
    setAsking(next);
  };
  return (
    <div class="account">
      <Menu
        label={words.menu}
        side="above"
        kind="button quiet"
        button={
          <>
            <span class="avatar" aria-hidden="true">
              {user.username.slice(0, 1)}
            </span>
            <span class="words grow">
              <span class="truncate">{user.username}</span>
              {left !== null && <span class="small muted number">{words.remainingShort(duration(left))}</span>}
            </span>
          </>
        }
      >
        {(close) => (
          <>
            <div class="head">
              <span class="small muted">{words.signedInAs}</span>
              <strong class="truncate">{user.username}</strong>
              {left !== null && <span class="small muted number">{words.remaining(duration(left))}</span>}
            </div>
            <div class="theme">
              <span class="small muted">{words.theme}</span>
              <Segmented label={words.theme} choices={words.themes} value={theme.value} onChange={setTheme} />
            </div>
            <Item icon="lock" text={words.password} onClick={() => pick(close, "password")} />
            <Item icon="out" text={words.signOut} onClick={() => pick(close, "out")} />
          </>
        )}
      </Menu>
      {asking === "password" && <PasswordDialog onClose={() => setAsking(null)} />}
      {asking === "out" && (
        <FormDialog
          title={words.signOutTitle}
          detail={words.signOutDetail}
          submit={words.signOut}
          onSubmit={signOut}
          onClose={() => setAsking(null)}
        />
      )}
    </div>
  );
}

function Item({ icon, text, onClick }: { icon: "lock" | "out"; text: string; onClick: () => void }) {
  return (
    <button type="button" class="item" onClick={onClick}>
      <Icon name={icon} />
      {text}
    </button>
  );
}

function PasswordDialog({ onClose }: { onClose: () => void }) {
  const [current, setCurrent] = useState("");
  const [next, setNext] = useState("");
  const id = useId();
  const submit = async () => {
    await changePassword(current, next);
    notify("good", words.passwordChanged);
  };
  return (
    <FormDialog title={words.password} submit={strings.save} onSubmit={submit} onClose={onClose}>
      <div class="field">
        <label for={id}>{words.currentPassword}</label>
        <input
          id={id}
          class="input"
          type="password"
          autocomplete="current-password"
          required
          value={current}
          onInput={(event) => setCurrent(event.currentTarget.value)}
        />
      </div>
      <NewPasswordField label={words.newPassword} rule={words.passwordRule} value={next} onChange={setNext} />
    </FormDialog>
  );
}
