// Lets Node.js run the page's TypeScript in unit tests: `node --import ./dev/typescript.mjs --test …`.
import { register } from "node:module";

register("./typescript-hooks.mjs", import.meta.url);
