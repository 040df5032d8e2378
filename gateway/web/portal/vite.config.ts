import { resolve } from 'node:path'
import { defineConfig, type Plugin } from 'vite'
import uni from '@dcloudio/vite-plugin-uni'

/** Drop what uni's H5 stylesheet asks of a CDN (page-head shadows): no request may leave the origin. */
const noCdn: Plugin = {
  name: 'no-cdn',
  enforce: 'post',
  generateBundle(_options, bundle) {
    for (const file of Object.values(bundle)) {
      if (file.type === 'asset' && file.fileName.endsWith('.css')) {
        file.source = String(file.source).replace(/url\(["']?(https?:)?\/\/[^)]*\)/g, 'none')
      }
    }
  },
}

/** A mini-program has no `:root`: its page element carries the brand's values. */
const rootIsPage: Plugin = {
  name: 'root-is-page',
  enforce: 'pre',
  transform: (code, id) =>
    process.env.UNI_PLATFORM !== 'h5' && id.split('?')[0].endsWith('kit/tokens.css') ? code.replace(':root', 'page') : null,
}

// the plugin is CommonJS: its function sits under .default when loaded from a module
const plugin = (uni as unknown as { default?: typeof uni }).default ?? uni

export default defineConfig({
  plugins: [rootIsPage, plugin(), noCdn],
  resolve: { alias: { '@kit': resolve(__dirname, '../kit') } },
  css: { preprocessorOptions: { scss: { silenceDeprecations: ['legacy-js-api'] } } },
  build: { sourcemap: false },
  server: { port: 5183, proxy: { '/api': process.env.YINGQI_ORIGIN ?? 'http://127.0.0.1:8000' } },
})
