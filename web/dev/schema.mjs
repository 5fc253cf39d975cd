// Writes src/api/schema.ts out of the contract, which the executable prints. With --check nothing is written; it fails if the file is not
// what it would write.
import { execFileSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import openapiTS, { astToString } from "openapi-typescript";
import { BINARY } from "./ret.mjs";

const FILE = new URL("../src/api/schema.ts", import.meta.url);

const contract = JSON.parse(execFileSync(BINARY, ["openapi"], { encoding: "utf8", maxBuffer: 1 << 26 }));

// Parameters have the names that they have in the path.
const paths = {};
for (const [path, methods] of Object.entries(contract.paths)) {
  const plain = path.replaceAll("{*", "{");
  for (const [method, operation] of Object.entries(methods)) operation.operationId = `${method} ${plain}`;
  paths[plain] = methods;
}
const types = astToString(await openapiTS({ ...contract, paths }));
const text = `// Made by dev/schema.mjs out of the service's own contract.\n${types}`;

if (!process.argv.includes("--check")) {
  writeFileSync(FILE, text);
} else if (readFileSync(FILE, "utf8") !== text) {
  console.error("src/api/schema.ts is not what the service's contract says; npm run schema writes it");
  process.exit(1);
}
