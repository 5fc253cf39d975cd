import { spawn } from "node:child_process";
import { watch } from "node:fs";
import { startFront } from "./front.mjs";
import { startRet } from "./ret.mjs";

const folder = new URL("../dist", import.meta.url).pathname;
const password = process.env.RET_ADMIN_PASSWORD ?? "development-only";
const service = process.env.RET_ORIGIN ? null : await startRet({ password });
const target = process.env.RET_ORIGIN ?? service.origin;
const front = await startFront({ folder, target, port: Number(process.env.PORT ?? 7080) });
console.log(`${front.origin}  (the service: ${target})`);
if (service) console.log(`sign in as admin with the password ${password}`);

if (process.argv.includes("--watch")) {
  const build = spawn("npx", ["vite", "build", "--watch", "--logLevel", "warn"], { stdio: "inherit" });
  watch(folder, { recursive: true }, () => {
    try {
      front.reload();
    } catch {
      // The build is in the middle of its writing; its last change is told too.
    }
  });
  process.on("exit", () => build.kill());
}

for (const signal of ["SIGINT", "SIGTERM"]) {
  process.on(signal, async () => {
    await front.stop();
    await service?.stop();
    process.exit(0);
  });
}
