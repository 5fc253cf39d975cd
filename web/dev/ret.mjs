import { spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";

export const BINARY = process.env.RET_BINARY ?? new URL("../../target/release/ret", import.meta.url).pathname;

/**
 * Starts the service on its embedded default in a folder of its own. `restart` ends the process and starts it again on the same port and
 * folder; `stop` ends it and removes the folder.
 */
export async function startRet({ password, settings = {} }) {
  const folder = mkdtempSync(join(tmpdir(), "ret-web-"));
  const port = await freePort();
  const environment = {
    PATH: process.env.PATH,
    HOME: process.env.HOME,
    RET_HTTP_PORT: String(port),
    RET_RUNTIME_ROOT: folder,
    RET_ADMIN_PASSWORD: password,
    LOG_LEVEL: "warn",
    ...settings,
  };
  let child = await launch(environment, port);
  const end = () =>
    new Promise((resolve) => {
      if (child.exitCode !== null || child.signalCode !== null) return resolve();
      child.once("exit", resolve);
      child.kill("SIGKILL");
    });
  return {
    port,
    origin: `http://127.0.0.1:${port}`,
    kill: end,
    async start(changes = {}) {
      child = await launch({ ...environment, ...changes }, port);
    },
    async stop() {
      await end();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

async function launch(environment, port) {
  const child = spawn(BINARY, [], { env: environment, stdio: ["ignore", "ignore", "inherit"] });
  let failure;
  child.once("error", (error) => {
    failure = error;
  });
  const until = Date.now() + 60_000;
  while (Date.now() < until) {
    if (failure) throw failure;
    if (child.exitCode !== null) throw new Error(`${BINARY} ended with ${child.exitCode}`);
    const answer = await fetch(`http://127.0.0.1:${port}/api/health`).catch(() => null);
    if (answer?.ok) return child;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  child.kill("SIGKILL");
  throw new Error("the service did not answer within a minute");
}

/** A port on which nobody listens. */
export function freePort() {
  return new Promise((resolve, reject) => {
    const probe = createServer();
    probe.once("error", reject);
    probe.listen(0, "127.0.0.1", () => {
      const { port } = probe.address();
      probe.close(() => resolve(port));
    });
  });
}
