import { useEffect, useState } from "preact/hooks";
import { allPages, api, take } from "../api/client.ts";
import { asProblem, type Problem } from "../api/problem.ts";
import type { Account } from "../api/types.ts";
import { when } from "../lib/format.ts";
import { attempt, notify } from "../state/notices.ts";
import { strings } from "../strings.ts";
import { FormDialog } from "../ui/Dialog.tsx";
import { Icon } from "../ui/Icon.tsx";
import { Menu, menuItem } from "../ui/Menu.tsx";
import { ProblemNote } from "../ui/Problem.tsx";
import { NewAccount, NewPassword } from "./AccountForms.tsx";

const words = strings.admin;
type Asking = { what: "add" } | { what: "password" | "remove"; about: Account };

export function Accounts() {
  const [accounts, setAccounts] = useState<Account[] | null>(null);
  const [problem, setProblem] = useState<Problem | null>(null);
  const [asking, setAsking] = useState<Asking | null>(null);
  const load = async () => {
    try {
      const { items } = await allPages<Account>((cursor) =>
        take(api.GET("/api/admin/users", { params: { query: { limit: 1000, ...(cursor && { cursor }) } } })),
      );
      setAccounts(items);
      setProblem(null);
    } catch (thrown) {
      setProblem(asProblem(thrown));
    }
  };
  useEffect(() => {
    void load();
  }, []);
  const edit = async (account: Account, body: { role?: Account["role"]; disabled?: boolean }) => {
    const params = { path: { id: account.id } };
    await take(
      api.PATCH("/api/admin/users/{id}", { params, body: { disabled: null, password: null, role: null, ...body } }),
    );
    await load();
  };
  const remove = async (account: Account) => {
    await take(api.DELETE("/api/admin/users/{id}", { params: { path: { id: account.id } } }));
    notify("good", words.accountRemoved(account.username));
    await load();
  };
  const close = () => setAsking(null);
  return (
    <section class="stack" aria-labelledby="accounts">
      <div class="row">
        <h2 id="accounts" class="grow">
          {words.accounts}
        </h2>
        <button type="button" class="button primary small" onClick={() => setAsking({ what: "add" })}>
          <Icon name="plus" size={15} />
          {words.addAccount}
        </button>
      </div>
      {problem && <ProblemNote problem={problem} onRetry={load} />}
      {accounts && (
        <ul class="card lines accounts">
          {accounts.map((account) => (
            <li key={account.id} class="row">
              <span class="avatar" aria-hidden="true">
                {account.username.slice(0, 1)}
              </span>
              <strong class="truncate grow">{account.username}</strong>
              {account.disabled && <span class="badge bad">{words.disabled}</span>}
              <span class="badge">{words.roles[account.role]}</span>
              <span class="small muted number wide-only">{words.accountSince(when(account.created_at))}</span>
              <AccountMenu account={account} onEdit={edit} onAsk={setAsking} />
            </li>
          ))}
        </ul>
      )}
      {asking?.what === "add" && <NewAccount onDone={load} onClose={close} />}
      {asking?.what === "password" && <NewPassword account={asking.about} onClose={close} />}
      {asking?.what === "remove" && (
        <FormDialog
          title={words.removeTitle(asking.about.username)}
          detail={words.removeDetail}
          submit={strings.remove}
          danger
          onSubmit={() => remove(asking.about)}
          onClose={close}
        />
      )}
    </section>
  );
}

function AccountMenu({
  account,
  onEdit,
  onAsk,
}: {
  account: Account;
  onEdit: (account: Account, body: { role?: Account["role"]; disabled?: boolean }) => Promise<void>;
  onAsk: (asking: Asking) => void;
}) {
  const isAdmin = account.role === "admin";
  const edit = (body: { role?: Account["role"]; disabled?: boolean }) => void attempt(() => onEdit(account, body));
  return (
    <Menu label={words.menuOf(account.username)} button={<Icon name="more" size={16} />}>
      {(close) => (
        <>
          {menuItem(close, "user", isAdmin ? words.makeUser : words.makeAdmin, () =>
            edit({ role: isAdmin ? "user" : "admin" }),
          )}
          {menuItem(close, "lock", words.setPassword, () => onAsk({ what: "password", about: account }))}
          {menuItem(close, "stop", account.disabled ? words.enable : words.disable, () =>
            edit({ disabled: !account.disabled }),
          )}
          {menuItem(close, "trash", strings.remove, () => onAsk({ what: "remove", about: account }))}
        </>
      )}
    </Menu>
  );
}
