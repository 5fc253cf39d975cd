import { createHash } from "node:crypto";
import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { extname, join, relative } from "node:path";
import { HEADERS } from "./policy.mjs";

const TYPES = {
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript; charset=utf-8",
  ".css": "text/css; charset=utf-8",
  ".svg": "image/svg+xml",
  ".txt": "text/plain; charset=utf-8",
  ".woff2": "font/woff2",
};
const ENDINGS = { br: ".br", gzip: ".gz" };

/** The files of a folder by their address, each plain and in the encodings that lie beside it. */
export function loadFiles(folder) {
  const files = new Map();
  for (const path of filesOf(folder)) {
    const type = extname(path);
    if (Object.values(ENDINGS).includes(type)) continue;
    const variants = { identity: variantOf(path) };
    for (const [encoding, ending] of Object.entries(ENDINGS)) {
      if (existsSync(path + ending)) variants[encoding] = variantOf(path + ending);
    }
    files.set(`/${relative(folder, path)}`, { type: TYPES[type] ?? "application/octet-stream", variants });
  }
  return files;
}

/** Answers with a file, or with 404; under a policy of its own, if one is given. */
export function sendFile(files, request, response, policy = null) {
  const path = new URL(request.url, "http://localhost").pathname;
  const name = path === "/" ? "/index.html" : path;
  const file = files.get(name);
  for (const [header, value] of Object.entries(HEADERS)) response.setHeader(header, value);
  if (policy) response.setHeader("content-security-policy", policy);
  if (!file) {
    response.writeHead(404, { "content-type": "text/plain" }).end("not found");
    return;
  }
  const accepted = request.headers["accept-encoding"] ?? "";
  const encoding = Object.keys(ENDINGS).find((name) => file.variants[name] && accepted.includes(name)) ?? "identity";
  const { bytes, etag } = file.variants[encoding];
  response.setHeader("cache-control", name.startsWith("/assets/") ? "public, max-age=31536000, immutable" : "no-cache");
  response.setHeader("etag", etag);
  response.setHeader("vary", "accept-encoding");
  if (request.headers["if-none-match"] === etag) {
    response.writeHead(304).end();
    return;
  }
  if (encoding !== "identity") response.setHeader("content-encoding", encoding);
  response.setHeader("content-type", file.type);
  // An answer to HEAD has it too.
  response.setHeader("content-length", bytes.length);
  response.end(bytes);
}

/** The paths of all files in a folder and below. */
export function* filesOf(folder) {
  for (const name of readdirSync(folder)) {
    const path = join(folder, name);
    if (statSync(path).isDirectory()) yield* filesOf(path);
    else yield path;
  }
}

function variantOf(path) {
  const bytes = readFileSync(path);
  return { bytes, etag: `"${createHash("sha256").update(bytes).digest("base64url").slice(0, 16)}"` };
}
