import { execFile } from "node:child_process";
import { test } from "node:test";
import { promisify } from "node:util";

test("the client is made of the contract that the executable prints", async () => {
  const script = new URL("../dev/schema.mjs", import.meta.url).pathname;
  await promisify(execFile)(process.execPath, [script, "--check"]);
});
