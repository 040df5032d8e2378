// The mini-program build (npm run build:mp-weixin) compiles with WeChat's own wxml compiler, and its first page works.
const path = require('path')
const fs = require('fs')
const { execFileSync } = require('child_process')
const simulate = require('miniprogram-simulate')

const root = path.join(__dirname, '../../build/mp-weixin')
const wcc = path.join(__dirname, 'node_modules/miniprogram-compiler/bin/linux/wcc')
const walk = (folder) =>
  fs.readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const found = path.join(folder, entry.name)
    return entry.isDirectory() ? walk(found) : [found]
  })

const text = (zh, en) => ({ zh, en })
const branch = { id: 'b1', name: text('静安店', 'Jing’an'), address: text('愚园路', 'Yuyuan Road'), phone: '021', timezone: 'Asia/Shanghai' }
const service = {
  id: 's1', name: text('百天照', '100 days'), category: text('儿童', 'Children'), summary: text('', ''), content: [],
  duration_minutes: 120, price_cents: 129900, deposit_cents: 25900, currency: 'CNY', cover: null, roles: [],
}
const answers = { branches: [branch], services: [service] }

let calls
let visits

global.App = (app) => {
  global.__app = app
  app.onLaunch?.({})
}
// uni's runtime keeps the original, then registers every page by Component()
global.Page = () => {
  throw new Error('Page() is not expected')
}
global.getApp = () => global.__app
global.getCurrentPages = () => []

beforeAll(() => {
  fs.chmodSync(wcc, 0o755)
  wx.request = ({ url, success }) => {
    calls.push(url)
    const name = url.replace(/^.*\/api\/v1\//, '').replace(/\?.*$/, '')
    setTimeout(() => success({ statusCode: 200, header: {}, data: JSON.stringify({ items: answers[name] ?? [], next_cursor: null }) }))
    return { abort() {} }
  }
  wx.navigateTo = ({ url, success }) => {
    visits.push(url)
    success?.({})
  }
  require(path.join(root, 'app.js'))
})

beforeEach(() => {
  calls = []
  visits = []
})

async function open(page) {
  const id = simulate.load(path.join(root, page), { rootPath: root, compiler: 'official' })
  const component = simulate.render(id)
  component.attach(document.createElement('div'))
  component.instance.onLoad?.({})
  await simulate.sleep(100)
  return component
}

/** A finger on an element: the simulator makes the tap of it. */
function tap(element) {
  const touch = { identifier: 1, clientX: 5, clientY: 5, pageX: 5, pageY: 5 }
  for (const [type, touches] of [['touchstart', [touch]], ['touchend', []]]) {
    const event = new Event(type, { bubbles: true })
    element.dispatchEvent(Object.assign(event, { touches, changedTouches: [touch] }))
  }
}

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
  expect(calls).toEqual(['/api/v1/branches', '/api/v1/services?branch_id=b1'])
  expect(page.dom.textContent).toContain('百天照')
  expect(page.dom.textContent).toContain('¥1,299')
  expect(page.dom.textContent).toContain('2小时')

  tap(page.dom.querySelector('.press-area--press-primary'))
  await simulate.sleep(50)
  expect(visits).toEqual(['/pages/book/book?service=s1&branch=b1'])

  tap(page.dom.querySelector('.press-area--shell-lang'))
  await simulate.sleep(50)
  expect(page.dom.textContent).toContain('100 days')
})
