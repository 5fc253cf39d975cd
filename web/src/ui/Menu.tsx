import type { ComponentChildren } from "preact";
import { useLayoutEffect, useRef, useState } from "preact/hooks";
import { Icon, type IconName } from "./Icon.tsx";

/** A button with things to do behind it. The arrow keys walk through them; Escape and a click elsewhere close it. */
export function Menu({
  label,
  button,
  side = "below",
  kind = "button quiet icon small",
  children,
}: {
  /** Said before what the button shows; nothing where that says enough. */
  label: string;
  button: ComponentChildren;
  side?: "below" | "above";
  kind?: string;
  children: (close: () => void) => ComponentChildren;
}) {
  const [open, setOpen] = useState(false);
  const root = useRef<HTMLDivElement>(null);
  const opener = useRef<HTMLButtonElement>(null);
  const [up, setUp] = useState(false);

  // Before anything else can be pressed.
  useLayoutEffect(() => {
    if (!open) return;
    const panel = root.current?.querySelector<HTMLElement>(".panel");
    if (side === "below" && panel) setUp(hasRoomAboveOnly(panel));
    panel?.querySelector<HTMLElement>(".item")?.focus({ preventScroll: true });
    const outside = (event: Event) => {
      if (event.target instanceof Node && !root.current?.contains(event.target)) setOpen(false);
    };
    document.addEventListener("pointerdown", outside);
    return () => {
      document.removeEventListener("pointerdown", outside);
      setUp(false);
    };
  }, [open]);
  useLayoutEffect(() => {
    if (open) root.current?.querySelector(".panel")?.scrollIntoView({ block: "nearest" });
  }, [open, up]);

  const close = () => {
    // What is pressed goes away: the keyboard goes on from here, and a dialog comes back to here.
    opener.current?.focus();
    setOpen(false);
  };

  const left = ({ relatedTarget }: FocusEvent) => {
    if (relatedTarget instanceof Node && !root.current?.contains(relatedTarget)) setOpen(false);
  };

  const walk = (event: KeyboardEvent) => {
    if (event.key === "Escape" && open) {
      event.stopPropagation();
      close();
    }
    if (event.key !== "ArrowDown" && event.key !== "ArrowUp") return;
    const items = [...(root.current?.querySelectorAll<HTMLElement>(".panel .item") ?? [])];
    const at = items.indexOf(document.activeElement as HTMLElement);
    const next = items.at((at + (event.key === "ArrowDown" ? 1 : -1)) % items.length);
    if (next) {
      event.preventDefault();
      next.focus();
    }
  };

  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: only passes keys on to the buttons within.
    <div class="menu" ref={root} onKeyDown={walk} onFocusOut={left}>
      <button ref={opener} type="button" class={kind} aria-expanded={open} onClick={() => setOpen(!open)}>
        {label && <span class="unseen">{label} </span>}
        {button}
      </button>
      {open && <div class={`panel ${side} ${up ? "up" : ""}`}>{children(close)}</div>}
    </div>
  );
}

/** Whether what opens below would leave the window, or what scrolls around it, and would not if it opened above. */
function hasRoomAboveOnly(panel: HTMLElement): boolean {
  let [top, bottom] = [0, innerHeight];
  for (let at = panel.parentElement; at; at = at.parentElement) {
    if (!/auto|scroll/.test(getComputedStyle(at).overflowY)) continue;
    const box = at.getBoundingClientRect();
    [top, bottom] = [Math.max(top, box.top), Math.min(bottom, box.bottom)];
  }
  const { height, bottom: end } = panel.getBoundingClientRect();
  const above = panel.parentElement?.getBoundingClientRect().top ?? 0;
  return end > bottom && above - height > top;
}

/** A thing to do in a menu, which it closes first. */
export function menuItem(close: () => void, icon: IconName, text: string, work: () => unknown) {
  return (
    <button
      type="button"
      class={icon === "trash" ? "item danger" : "item"}
      onClick={() => {
        close();
        work();
      }}
    >
      <Icon name={icon} size={16} />
      {text}
    </button>
  );
}
