import { strings } from "../strings.ts";
import { Logo } from "../ui/Icon.tsx";

export function Brand({ tagline = true }: { tagline?: boolean }) {
  return (
    <div class="brand">
      <Logo />
      <div>
        <strong>{strings.product}</strong>
        {tagline && <span>{strings.tagline}</span>}
      </div>
    </div>
  );
}
