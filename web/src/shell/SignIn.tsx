import { useId, useState } from "preact/hooks";
import { asProblem, type Problem } from "../api/problem.ts";
import { signIn } from "../state/session.ts";
import { strings } from "../strings.ts";
import { Icon } from "../ui/Icon.tsx";
import { Callout, ProblemNote } from "../ui/Problem.tsx";
import { Brand } from "./Brand.tsx";

const words = strings.signIn;

export function SignIn({ expired }: { expired: boolean }) {
  const [username, setUsername] = useState("");
  const [password, setPassword] = useState("");
  const [shown, setShown] = useState(false);
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<Problem | null>(null);
  const ids = { name: useId(), password: useId() };

  const submit = async (event: SubmitEvent) => {
    event.preventDefault();
    if (busy) return;
    setBusy(true);
    setProblem(null);
    try {
      await signIn(username.trim(), password);
    } catch (thrown) {
      setProblem(asProblem(thrown));
      setPassword("");
      document.getElementById(ids.password)?.focus();
    } finally {
      setBusy(false);
    }
  };

  return (
    <main class="start">
      <div class="panel">
        <Brand />
        {expired && !problem && (
          <Callout tone="warn" title={words.expired}>
            <p>{words.expiredDetail}</p>
          </Callout>
        )}
        <form class="card" onSubmit={submit}>
          <h1>{words.title}</h1>
          <div class="field">
            <label for={ids.name}>{words.username}</label>
            <input
              id={ids.name}
              class="input"
              autocomplete="username"
              autocapitalize="none"
              spellcheck={false}
              required
              value={username}
              onInput={(event) => setUsername(event.currentTarget.value)}
            />
          </div>
          <div class="field">
            <label for={ids.password}>{words.password}</label>
            <div class="with-button">
              <input
                id={ids.password}
                class="input"
                type={(shown ? "text" : "password") as "password"}
                autocomplete="current-password"
                required
                aria-invalid={problem?.code === "invalid_credentials"}
                value={password}
                onInput={(event) => setPassword(event.currentTarget.value)}
              />
              <button
                type="button"
                class="button quiet icon"
                aria-label={shown ? words.hidePassword : words.showPassword}
                aria-pressed={shown}
                onClick={() => setShown(!shown)}
              >
                <Icon name="eye" />
              </button>
            </div>
          </div>
          {problem && <ProblemNote problem={problem} />}
          <button type="submit" class="button primary block" aria-disabled={busy}>
            {busy && <span class="spinner" />}
            {busy ? words.busy : words.submit}
          </button>
        </form>
        <p class="row small muted">
          <span class="grow">{words.privacy}</span>
          <a href="/licenses.txt">{words.licences}</a>
        </p>
      </div>
    </main>
  );
}
