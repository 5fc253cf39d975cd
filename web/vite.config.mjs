import { defineConfig } from "vite";

export default defineConfig({
  build: {
    target: "es2023",
    // Everything that is not code is a file of its own: the policy of the page allows nothing inline.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    reportCompressedSize: true,
    chunkSizeWarningLimit: 1000,
  },
});
