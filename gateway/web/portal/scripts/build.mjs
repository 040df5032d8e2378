// Build one face of the portal: `h5` goes to gateway/web/dist/portal, `mp-weixin` to ./build/mp-weixin.
import { execFileSync } from 'node:child_process'
import { rmSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = resolve(dirname(fileURLToPath(import.meta.url)), '..')
const outputs = { h5: join(root, '../dist/portal'), 'mp-weixin': join(root, 'build/mp-weixin') }
const platform = process.argv[2] ?? ''
const output = outputs[platform]
if (!output) throw new Error(`unknown platform "${platform}", expected one of ${Object.keys(outputs).join(', ')}`)

rmSync(output, { recursive: true, force: true })
execFileSync(process.execPath, [join(root, 'node_modules/@dcloudio/vite-plugin-uni/bin/uni.js'), 'build', '-p', platform], {
  cwd: root,
  stdio: 'inherit',
  env: { ...process.env, UNI_OUTPUT_DIR: output },
})
