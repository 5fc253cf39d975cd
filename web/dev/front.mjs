import { createServer, request as forward } from "node:http";
import { Transform } from "node:stream";
import { loadFiles, sendFile } from "./files.mjs";

/**
 * Stands before the service: bodies and answers flow, nothing is held. With a folder the page comes from there, and the service is asked
 * for `/api` only. `policy` takes the place of the page's usual one. With `cors` browsers may call it from elsewhere, by these methods and
 * headers alone.
 */
export async function startFront({ folder = null, target, port = 0, policy = null, cors = null }) {
  let files = folder ? loadFiles(folder) : null;
  let limit = Number.POSITIVE_INFINITY;
  const passed = {};
  const count = ({ method }, bytes) => {
    passed[method] = (passed[method] ?? 0) + bytes;
  };
  const server = createServer((request, response) => {
    if (cors && allow(cors, request, response)) return;
    if (files && !request.url.startsWith("/api")) sendFile(files, request, response, policy);
    else pass(request, response, target, limit, count);
  });
  await new Promise((resolve) => server.listen(port, "127.0.0.1", resolve));
  return {
    origin: `http://127.0.0.1:${server.address().port}`,
    reload() {
      files = loadFiles(folder);
    },
    /** Lets bodies through at so many bytes a second, as a slow line does. */
    slowDown(bytes) {
      limit = bytes;
    },
    /** How many bytes of bodies have been passed on so far with this method. */
    passed: (method) => passed[method] ?? 0,
    /** Breaks all connections off, as a network does. */
    cut: () => server.closeAllConnections(),
    async stop() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

function pass(request, response, target, limit, count) {
  const { hostname, port } = new URL(target);
  const options = { hostname, port, path: request.url, method: request.method, headers: request.headers };
  const onward = forward(options, (answer) => {
    response.writeHead(answer.statusCode, answer.headers);
    answer.pipe(response);
    answer.on("error", () => response.destroy());
  });
  onward.on("error", () => {
    if (response.headersSent) response.destroy();
    else response.writeHead(502, { "content-type": "text/plain" }).end("the service does not answer");
  });
  request.pipe(gate(limit, (bytes) => count(request, bytes))).pipe(onward);
  response.on("close", () => onward.destroy());
}

/** Says what browsers may send from elsewhere. Whether that was all that was asked. */
function allow({ methods, headers }, request, response) {
  response.setHeader("access-control-allow-origin", request.headers.origin ?? "*");
  if (request.method !== "OPTIONS") return false;
  response.setHeader("access-control-allow-methods", methods.join(", "));
  response.setHeader("access-control-allow-headers", headers.join(", "));
  response.end();
  return true;
}

/** Lets so many bytes a second through, and tells of them. */
function gate(limit, onPassed) {
  return new Transform({
    transform(chunk, _, done) {
      const pass = () => {
        onPassed(chunk.length);
        done(null, chunk);
      };
      if (limit === Number.POSITIVE_INFINITY) pass();
      else setTimeout(pass, (chunk.length / limit) * 1000);
    },
  });
}
