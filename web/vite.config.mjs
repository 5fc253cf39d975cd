import { defineConfig } from "vite";
import { compressed } from "./dev/compressed.mjs";

export default defineConfig({
  plugins: [compressed()],
  build: {
    target: "es2023",
    // Everything that is not code is a file of its own: the policy of the page allows nothing inline.
    assetsInlineLimit: 0,
    // What was taken from others goes along with its terms; those of the typeface are in public/.
    license: { fileName: "licenses.txt" },
    modulePreload: { polyfill: false },
    reportCompressedSize: true,
    chunkSizeWarningLimit: 1000,
  },
});
