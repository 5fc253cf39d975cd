const REACHABLE = ["a[href]", "button", "input", "select", "textarea", "summary", '[tabindex="0"]']
  .map((one) => `${one}:not(:disabled, [hidden], [hidden] *)`)
  .join(", ");

/**
 * Remembers what has the focus, and gives it back when it is called. If that is gone by then, as the button of a line that was removed, what
 * is nearest to its place gets it, and the keyboard goes on from there.
 */
export function keptFocus(): () => void {
  const path: Element[] = [];
  for (let at = document.activeElement; at; at = at.parentElement) path.push(at);
  return () => {
    // Something else may have taken it on purpose.
    if (document.activeElement !== document.body && document.activeElement !== null) return;
    const [self, ...around] = path;
    if (self?.isConnected) return focus(self);
    for (const element of around.filter(({ isConnected }) => isConnected)) {
      const near = [...element.querySelectorAll(REACHABLE)].find((one) => one.checkVisibility());
      if (near) return focus(near);
    }
  };
}

function focus(element: Element): void {
  if (element instanceof HTMLElement || element instanceof SVGElement) element.focus();
}
