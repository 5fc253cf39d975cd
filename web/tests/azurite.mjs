import { spawn } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { startFront } from "../dev/front.mjs";
import { freePort } from "../dev/ret.mjs";

const PROGRAM = new URL("../../tests/services/node_modules/.bin/azurite-blob", import.meta.url).pathname;
const BICEP = new URL("../../infra/modules/storage.bicep", import.meta.url);
const KEY = Buffer.from("no secret").toString("base64");

/** Whether Azurite is installed, as `scripts/setup` does. */
export const hasAzurite = existsSync(PROGRAM);

/** Blob Storage as Azurite does it, behind something that can be slow and break off, and that lets browsers in as the account's rules do. */
export async function startBlobs() {
  const port = await freePort();
  const given = ["--silent", "--disableTelemetry", "--skipApiVersionCheck", "--inMemoryPersistence"];
  const child = spawn(PROGRAM, [...given, "--blobHost", "127.0.0.1", "--blobPort", String(port)], {
    env: { PATH: process.env.PATH, AZURITE_ACCOUNTS: `page:${KEY}` },
    stdio: ["ignore", "ignore", "inherit"],
  });
  const front = await startFront({ target: `http://127.0.0.1:${port}`, cors: rules() });
  const until = Date.now() + 60_000;
  while (!(await fetch(`http://127.0.0.1:${port}/`).catch(() => null))) {
    if (child.exitCode !== null || Date.now() > until) throw new Error("Azurite does not answer");
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  const account = `AccountName=page;AccountKey=${KEY};BlobEndpoint=${front.origin}/page`;
  return {
    front,
    settings: { STORAGE_CONNECTION_STRING: account },
    async stop() {
      await front.stop();
      child.kill("SIGKILL");
    },
  };
}

/** What the account's rules let browsers do, as they are deployed. */
function rules() {
  const text = readFileSync(BICEP, "utf8");
  const list = (name) =>
    [...new RegExp(`${name}: \\[([^\\]]*)\\]`).exec(text)[1].matchAll(/'([^']+)'/g)].map(([, word]) => word);
  return { methods: list("allowedMethods"), headers: list("allowedHeaders") };
}
