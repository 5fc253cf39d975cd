import { readFileSync, writeFileSync } from "node:fs";
import { extname } from "node:path";
import { brotliCompressSync, constants, gzipSync } from "node:zlib";
import { filesOf } from "./files.mjs";

const WORTH_IT = new Set([".html", ".js", ".css", ".svg", ".txt"]);

/** Vite: puts a Brotli and a gzip beside every file of the build that gets smaller by it, for servers that send them as they are. */
export function compressed() {
  let folder;
  return {
    name: "compressed",
    apply: "build",
    configResolved(config) {
      folder = config.build.outDir;
    },
    closeBundle() {
      if (this.meta.watchMode) return;
      for (const path of filesOf(folder)) {
        if (!WORTH_IT.has(extname(path))) continue;
        const bytes = readFileSync(path);
        const variants = {
          ".br": brotliCompressSync(bytes, { params: { [constants.BROTLI_PARAM_QUALITY]: 11 } }),
          ".gz": gzipSync(bytes, { level: 9 }),
        };
        for (const [ending, smaller] of Object.entries(variants)) {
          if (smaller.length < bytes.length) writeFileSync(path + ending, smaller);
        }
      }
    },
  };
}
