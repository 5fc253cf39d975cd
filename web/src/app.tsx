import { useLayoutEffect } from "preact/hooks";
import { Shell } from "./shell/Shell.tsx";
import { SignedOut } from "./shell/SignedOut.tsx";
import { SignIn } from "./shell/SignIn.tsx";
import { session } from "./state/session.ts";
import { forget } from "./state/stores.ts";
import { Notices } from "./ui/Notices.tsx";

export function App() {
  const now = session.value;
  const id = now.phase === "in" ? now.id : null;
  // What the page knows belongs to one session; it is forgotten before the next one asks for anything.
  useLayoutEffect(() => forget, [id]);
  return (
    <>
      {now.phase === "in" && <Shell key={now.id} user={now.user} />}
      {now.phase === "out" &&
        (now.ending.why === "signed-out" ? (
          <SignedOut removed={now.ending.removed} elsewhere={now.ending.elsewhere} />
        ) : (
          <SignIn expired={now.ending.why === "expired"} />
        ))}
      <Notices />
    </>
  );
}
