import { fileURLToPath } from "node:url";
import vue from "@vitejs/plugin-vue";
import elementPlus from "unplugin-element-plus/vite";
import { defineConfig } from "vite";

const gateway = process.env.YINGQI_ORIGIN ?? "http://127.0.0.1:8000";

export default defineConfig({
  base: "/console/",
  plugins: [vue(), elementPlus({})],
  resolve: { alias: { "@kit": fileURLToPath(new URL("../kit", import.meta.url)) } },
  server: { port: 5173, proxy: { "/api": gateway }, fs: { allow: [".."] } },
  worker: { format: "es" },
  build: { outDir: "../dist/console", emptyOutDir: true, sourcemap: false, chunkSizeWarningLimit: 700 },
});
