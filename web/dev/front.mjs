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
  const server = createServer((request, response) => {
    if (cors && allow(cors, request, response)) return;
    if (files && !request.url.startsWith("/api")) sendFile(files, request, response, policy);
    else pass(request, response, target, limit);
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
    /** Breaks all connections off, as a network does. */
    cut: () => server.closeAllConnections(),
    async stop() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

function pass(request, response, target, limit) {
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
  (limit === Number.POSITIVE_INFINITY ? request : request.pipe(throttle(limit))).pipe(onward);
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

function throttle(limit) {
  return new Transform({
    transform(chunk, _, done) {
      setTimeout(() => done(null, chunk), (chunk.length / limit) * 1000);
    },
  });
}
