import { useId, useState } from "preact/hooks";
import { api, take } from "../api/client.ts";
import type { Account } from "../api/types.ts";
import { notify } from "../state/notices.ts";
import { strings } from "../strings.ts";
import { FormDialog } from "../ui/Dialog.tsx";
import { NewPasswordField, Segmented } from "../ui/parts.tsx";

const words = strings.admin;

export function NewAccount({ onDone, onClose }: { onDone: () => Promise<void>; onClose: () => void }) {
  const [username, setUsername] = useState("");
  const [password, setPassword] = useState("");
  const [role, setRole] = useState<Account["role"]>("user");
  const id = useId();
  const add = async () => {
    await take(api.POST("/api/admin/users", { body: { username, password, role } }));
    notify("good", words.accountAdded(username));
    await onDone();
  };
  return (
    <FormDialog title={words.addAccount} submit={words.addAccount} onSubmit={add} onClose={onClose}>
      <div class="field">
        <label for={id}>{strings.signIn.username}</label>
        <input
          id={id}
          class="input"
          autocomplete="off"
          autocapitalize="none"
          spellcheck={false}
          maxLength={64}
          required
          value={username}
          onInput={(event) => setUsername(event.currentTarget.value)}
        />
        <span class="hint">{words.usernameRule}</span>
      </div>
      <NewPasswordField
        label={strings.signIn.password}
        rule={words.passwordRule}
        value={password}
        onChange={setPassword}
      />
      <div class="field">
        <span class="label">{words.role}</span>
        <Segmented label={words.role} choices={words.roles} value={role} onChange={setRole} />
      </div>
    </FormDialog>
  );
}

export function NewPassword({ account, onClose }: { account: Account; onClose: () => void }) {
  const [password, setPassword] = useState("");
  const change = async () => {
    const body = { password, role: null, disabled: null };
    await take(api.PATCH("/api/admin/users/{id}", { params: { path: { id: account.id } }, body }));
    notify("good", strings.account.passwordChanged);
  };
  return (
    <FormDialog
      title={words.passwordOf(account.username)}
      detail={words.passwordDetail}
      submit={strings.save}
      onSubmit={change}
      onClose={onClose}
    >
      <NewPasswordField
        label={strings.signIn.password}
        rule={words.passwordRule}
        value={password}
        onChange={setPassword}
      />
    </FormDialog>
  );
}
