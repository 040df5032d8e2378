// The build compiles with WeChat's own wxml compiler, and its first page works.
const path = require('path')
const fs = require('fs')
const { execFileSync } = require('child_process')
const { root, calls, visits, start, open, tap } = require('./simulator')

const wcc = path.join(__dirname, 'node_modules/miniprogram-compiler/bin/linux/wcc')
const walk = (folder) =>
  fs.readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const found = path.join(folder, entry.name)
    return entry.isDirectory() ? walk(found) : [found]
  })

const theme = {
  version: 1, name: { zh: '光影映画', en: 'Light' }, slogan: { zh: '', en: '' }, logo: null, logo_url: null, hero_url: null,
  hero: { style: 'plain', picture: null }, corners: 'small', typeface: 'sans', catalogue: 'list', notice: { zh: '国庆照常', en: '' },
  colours: { brand: '#2d3a8c', background: '#ffffff', surface: '#ffffff', text: '#111111' },
  sections: ['notice', 'hero', 'branches', 'categories', 'catalogue'].map((name) => ({ name, shown: true })),
  footer: { phone: '', address: { zh: '愚园路', en: '' }, icp: '' },
}

beforeAll(() => {
  fs.chmodSync(wcc, 0o755)
  start({ theme })
})

test('every page has its files and the official compiler accepts every wxml', () => {
  const { pages } = JSON.parse(fs.readFileSync(path.join(root, 'app.json'), 'utf8'))
  for (const page of pages) for (const end of ['json', 'js', 'wxml']) expect(fs.existsSync(path.join(root, `${page}.${end}`))).toBe(true)
  const templates = walk(root).filter((file) => file.endsWith('.wxml')).map((file) => path.relative(root, file))
  execFileSync(wcc, ['-d', ...templates], { cwd: root, stdio: 'pipe' })
})

test('nothing in the bundle evaluates text as code', () => {
  for (const file of walk(root).filter((one) => one.endsWith('.js'))) {
    expect(fs.readFileSync(file, 'utf8')).not.toMatch(/new Function\(|\beval\(/)
  }
})

test('the home page lists the packages, leads to the form and switches language', async () => {
  const page = await open('pages/index/index')
  const asked = calls.filter((url) => /branches|services|packages/.test(url))
  expect(asked).toEqual(['/api/v1/branches', '/api/v1/services?branch_id=b1', '/api/v1/packages?branch_id=b1'])
  expect(page.dom.innerHTML).toContain('--yq-accent:#2d3a8c')
  for (const told of ['光影映画', '国庆照常', '愚园路']) expect(page.dom.textContent).toContain(told)
  expect(page.dom.textContent).toContain('百天照')
  expect(page.dom.textContent).toContain('¥1,299')
  expect(page.dom.textContent).toContain('2小时')

  await tap(page.dom.querySelector('.press-area--press-primary'))
  expect(visits).toEqual(['/pages/book/book?service=s1&branch=b1'])

  await tap(page.dom.querySelector('.press-area--shell-lang'))
  expect(page.dom.textContent).toContain('100 days')
})
