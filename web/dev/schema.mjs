// Writes src/api/schema.ts out of the contract of a running service: `RET_ORIGIN=http://127.0.0.1:7071 npm run schema`.
import { writeFileSync } from "node:fs";
import openapiTS, { astToString } from "openapi-typescript";

const origin = process.env.RET_ORIGIN ?? "http://127.0.0.1:7071";
const answer = await fetch(`${origin}/api/openapi.json`);
if (!answer.ok) throw new Error(`${origin} answered with status ${answer.status}`);
const contract = await answer.json();

// Types need names of operations that are there once, and parameters whose names are those in the path.
const paths = {};
for (const [path, methods] of Object.entries(contract.paths)) {
  const plain = path.replaceAll("{*", "{");
  for (const [method, operation] of Object.entries(methods)) operation.operationId = `${method} ${plain}`;
  paths[plain] = methods;
}
const types = astToString(await openapiTS({ ...contract, paths }));
writeFileSync(
  new URL("../src/api/schema.ts", import.meta.url),
  `// Made by dev/schema.mjs out of the service's own contract.\n${types}`,
);
