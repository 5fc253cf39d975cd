import type { ComponentChildren } from "preact";
import { useId } from "preact/hooks";
import { percent } from "../lib/format.ts";
import { Icon, type IconName } from "./Icon.tsx";

/** Nothing is here yet, and what to do about it. */
export function Empty({
  icon,
  title,
  detail,
  children,
}: {
  icon: IconName;
  title: string;
  detail: string;
  children?: ComponentChildren;
}) {
  return (
    <div class="empty">
      <Icon name={icon} />
      <h2>{title}</h2>
      <p>{detail}</p>
      {children}
    </div>
  );
}

/** Names up to this length are cut at their end. */
const SHORT = 24;
const TAIL = 12;

/** A name that is cut in its middle where it has no room: long names that begin alike end otherwise, and the other way round. */
export function Name({ text }: { text: string }) {
  const letters = [...text];
  if (letters.length <= SHORT) return <bdi class="truncate">{text}</bdi>;
  return (
    <>
      <span class="unseen">{text}</span>
      <bdi class="parted" aria-hidden="true">
        <span class="truncate">{letters.slice(0, -TAIL).join("")}</span>
        <span>{letters.slice(-TAIL).join("")}</span>
      </bdi>
    </>
  );
}

/** Where a password is chosen. */
export function NewPasswordField({
  label,
  rule,
  value,
  onChange,
}: {
  label: string;
  rule: string;
  value: string;
  onChange: (value: string) => void;
}) {
  const id = useId();
  return (
    <div class="field">
      <label for={id}>{label}</label>
      <input
        id={id}
        class="input"
        type="password"
        autocomplete="new-password"
        minLength={8}
        maxLength={256}
        required
        value={value}
        onInput={(event) => onChange(event.currentTarget.value)}
      />
      <span class="hint">{rule}</span>
    </div>
  );
}

/** A bar that fills; without a total it only shows that something happens. */
export function Progress({ label, done, total }: { label: string; done: number; total: number | undefined }) {
  const share = total === undefined ? undefined : percent(done, total);
  return (
    <div
      class={share === undefined ? "progress unknown" : "progress"}
      role="progressbar"
      aria-label={label}
      aria-valuemin={0}
      aria-valuemax={100}
      aria-valuenow={share}
    >
      <div style={share === undefined ? {} : { transform: `scaleX(${share / 100})` }} />
    </div>
  );
}

/** One of a few, all to be seen at once. */
export function Segmented<T extends string>({
  label,
  choices,
  value,
  onChange,
}: {
  label: string;
  choices: Record<T, string>;
  value: T;
  onChange: (value: T) => void;
}) {
  const name = useId();
  return (
    <div class="segmented" role="radiogroup" aria-label={label}>
      {(Object.keys(choices) as T[]).map((choice) => (
        <label key={choice}>
          <input type="radio" name={name} checked={choice === value} onChange={() => onChange(choice)} />
          <span>{choices[choice]}</span>
        </label>
      ))}
    </div>
  );
}

/** One of a few, folded up. */
export function Select<T extends string>({
  label,
  choices,
  value,
  small = false,
  hidden = false,
  onChange,
}: {
  label: string;
  choices: Record<T, string>;
  value: T;
  small?: boolean;
  /** Whether the label is for screen readers only. */
  hidden?: boolean;
  onChange: (value: T) => void;
}) {
  const id = useId();
  return (
    <div class="field">
      <label for={id} class={hidden ? "unseen" : ""}>
        {label}
      </label>
      <select
        id={id}
        class={small ? "select small" : "select"}
        value={value}
        onChange={(event) => onChange(event.currentTarget.value as T)}
      >
        {(Object.keys(choices) as T[]).map((choice) => (
          <option key={choice} value={choice}>
            {choices[choice]}
          </option>
        ))}
      </select>
    </div>
  );
}

export function Check({
  label,
  checked,
  onChange,
}: {
  label: string;
  checked: boolean;
  onChange: (checked: boolean) => void;
}) {
  return (
    <label class="check">
      <input type="checkbox" checked={checked} onChange={(event) => onChange(event.currentTarget.checked)} />
      <span>{label}</span>
    </label>
  );
}

/** The top of a view. */
export function PageHead({ title, lead, children }: { title: string; lead?: string; children?: ComponentChildren }) {
  return (
    <header class="page-head">
      <div>
        <h1>{title}</h1>
        {lead && <p>{lead}</p>}
      </div>
      {children && <div class="row wrap">{children}</div>}
    </header>
  );
}

/** Something that may be wider than its place. What scrolls has to be reached by the keyboard. */
export function Wide({ label, kind = "", children }: { label: string; kind?: string; children: ComponentChildren }) {
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: as said.
    <section class={`scroll-x ${kind}`} tabIndex={0} aria-label={label}>
      {children}
    </section>
  );
}
