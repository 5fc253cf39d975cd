import { render } from "preact";
import { App } from "./app.tsx";
import { followAddress } from "./lib/router.ts";
import { restoreTheme } from "./lib/theme.ts";
import { startSession } from "./state/session.ts";

restoreTheme();
followAddress();
const root = document.getElementById("app");
if (root) render(<App />, root);
void startSession();
