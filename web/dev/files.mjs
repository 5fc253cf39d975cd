import { createHash } from "node:crypto";
import { readdirSync, readFileSync, statSync } from "node:fs";
import { extname, join, relative } from "node:path";
import { brotliCompressSync, constants, gzipSync } from "node:zlib";
import { HEADERS } from "./policy.mjs";

const TYPES = {
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript; charset=utf-8",
  ".css": "text/css; charset=utf-8",
  ".svg": "image/svg+xml",
  ".txt": "text/plain; charset=utf-8",
  ".woff2": "font/woff2",
};
const COMPRESSED = new Set([".html", ".js", ".css", ".svg", ".txt"]);

/** The files of a folder by their address, with what a client may have instead of the plain bytes. */
export function loadFiles(folder) {
  const files = new Map();
  for (const path of walk(folder)) {
    const type = extname(path);
    const bytes = readFileSync(path);
    const file = { bytes, type: TYPES[type] ?? "application/octet-stream", etag: etagOf(bytes) };
    if (COMPRESSED.has(type)) {
      file.br = brotliCompressSync(bytes, { params: { [constants.BROTLI_PARAM_QUALITY]: 11 } });
      file.gzip = gzipSync(bytes, { level: 9 });
    }
    files.set(`/${relative(folder, path)}`, file);
  }
  return files;
}

/** Answers with a file, or with 404. */
export function sendFile(files, request, response) {
  const path = new URL(request.url, "http://localhost").pathname;
  const name = path === "/" ? "/index.html" : path;
  const file = files.get(name);
  for (const [header, value] of Object.entries(HEADERS)) response.setHeader(header, value);
  if (!file) {
    response.writeHead(404, { "content-type": "text/plain" }).end("not found");
    return;
  }
  response.setHeader("cache-control", name.startsWith("/assets/") ? "public, max-age=31536000, immutable" : "no-cache");
  response.setHeader("etag", file.etag);
  if (request.headers["if-none-match"] === file.etag) {
    response.writeHead(304).end();
    return;
  }
  const accepted = request.headers["accept-encoding"] ?? "";
  const encoding = ["br", "gzip"].find((name) => file[name] && accepted.includes(name));
  if (encoding) response.setHeader("content-encoding", encoding);
  response.setHeader("vary", "accept-encoding");
  response.setHeader("content-type", file.type);
  response.end(encoding ? file[encoding] : file.bytes);
}

function* walk(folder) {
  for (const name of readdirSync(folder)) {
    const path = join(folder, name);
    if (statSync(path).isDirectory()) yield* walk(path);
    else yield path;
  }
}

function etagOf(bytes) {
  return `"${createHash("sha256").update(bytes).digest("base64url").slice(0, 16)}"`;
}
