// A stand-in for Cosmos DB on http://127.0.0.1:PORT, in memory, with the databases test0, test1, … and a container in each.
//
//   node cosmos.mjs PORT DATABASES
//
// @vercel/cosmosdb-server answers the requests; what the driver of Rust wants besides is added here.
import { createServer } from "node:http";
import { createRequire } from "node:module";
import { Readable } from "node:stream";
import { json } from "node:stream/consumers";

const require = createRequire(import.meta.url);
const { createHttpServer } = require("@vercel/cosmosdb-server");
const { default: ResourceId } = require("@vercel/cosmosdb-server/lib/account/resource-id.js");
const [port, databases] = process.argv.slice(2);
const origin = `http://127.0.0.1:${port}/`;
const RANGES = '"ranges"';

// Resource ids are base 64 and stand in paths; so a hyphen takes the place of the slash, as in Cosmos DB itself.
ResourceId.toBase64String = (bytes) => bytes.toString("base64").replaceAll("/", "-");
ResourceId.fromBase64String = (text) => Buffer.from(text.replaceAll("-", "/"), "base64");

// What answers, behind the server that is asked.
const inner = createHttpServer({ keepAlive: true });
const [answer] = inner.listeners("request");
const server = createServer(async (request, response) => {
    const path = request.url.split("?")[0];
    if (path === "/") {
        change(response, (body) => {
            const location = [{ name: "West Europe", databaseAccountEndpoint: origin }];
            return { ...body, writableLocations: location, readableLocations: location };
        });
    } else if (path.endsWith("/pkranges")) {
        // Ranges never change here; the driver asks until it is told so.
        if (request.headers["if-none-match"] === RANGES) {
            response.writeHead(304, { etag: RANGES }).end();
            return;
        }
        delete request.headers["a-im"];
        response.setHeader("etag", RANGES);
        change(response, (body) => ({
            ...body,
            PartitionKeyRanges: body.PartitionKeyRanges.map((range) => ({ ...range, id: String(range.id) })),
        }));
    }
    if (request.method === "GET" && path.includes("/docs/")) {
        // Its check of the partition fails on items that are not there; without it they are not found, as they should be.
        request.headers["x-ms-documentdb-query-enablecrosspartition"] = "true";
    }
    if (request.headers["x-ms-cosmos-is-batch-request"]) {
        request = await withPartition(request);
    }
    answer(request, response);
});

// The partition of a batch stands in a header; it looks for it in each operation.
async function withPartition(request) {
    const partitionKey = request.headers["x-ms-documentdb-partitionkey"];
    const operations = (await json(request)).map((operation) => ({ ...operation, partitionKey }));
    const { headers, method, url } = request;
    return Object.assign(Readable.from([Buffer.from(JSON.stringify(operations))]), { headers, method, url });
}

// Passes the JSON of an answer through a function.
function change(response, edit) {
    const end = response.end.bind(response);
    response.end = (text) => end(JSON.stringify(edit(JSON.parse(text))));
}

// Makes what the service expects to find, before anybody can ask.
async function create(path, body) {
    const made = await fetch(`http://127.0.0.1:${inner.address().port}/${path}`, {
        method: "POST",
        headers: { "content-type": "application/json" },
        body: JSON.stringify(body),
    });
    if (!made.ok) throw new Error(`${path}: ${made.status} ${await made.text()}`);
    await made.arrayBuffer();
}

inner.listen(0, "127.0.0.1", async () => {
    const partitionKey = { paths: ["/session"], kind: "Hash", version: 2 };
    for (let number = 0; number < Number(databases); number += 1) {
        await create("dbs", { id: `test${number}` });
        await create(`dbs/test${number}/colls`, { id: "session-cache", partitionKey, defaultTtl: -1 });
    }
    server.listen(Number(port), "127.0.0.1");
});
