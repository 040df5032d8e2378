// Runs the mini-program build (npm run build:mp-weixin) with answers of a pretended gateway. One page a file:
// the simulator registers a component only for the first page that uses it.
const path = require('path')
const simulate = require('miniprogram-simulate')

const root = path.join(__dirname, '../../build/mp-weixin')
const text = (zh, en) => ({ zh, en })
const listed = (items) => ({ items, next_cursor: null })

const branch = { id: 'b1', name: text('静安店', 'Jing’an'), address: text('愚园路', 'Yuyuan Road'), phone: '021', timezone: 'Asia/Shanghai' }
const service = {
  id: 's1', name: text('百天照', '100 days'), category: text('儿童', 'Children'), summary: text('', ''), content: [],
  duration_minutes: 120, price_cents: 129900, deposit_cents: 25900, currency: 'CNY', cover: null, roles: [],
}
const calls = []
const visits = []

/** Start the app; `answers` by the path below /api/v1/, besides one branch with one package. */
function start(answers = {}) {
  const known = { branches: listed([branch]), services: listed([service]), packages: listed([]), ...answers }
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
  wx.request = ({ url, success }) => {
    calls.push(url)
    const name = url.replace(/^.*\/api\/v1\//, '').replace(/\?.*$/, '')
    setTimeout(() => success({ statusCode: 200, header: {}, data: JSON.stringify(known[name] ?? listed([])) }))
    return { abort() {} }
  }
  wx.navigateTo = wx.redirectTo = ({ url, success }) => {
    visits.push(url)
    success?.({})
  }
  require(path.join(root, 'app.js'))
}

async function open(page, query = {}) {
  const id = simulate.load(path.join(root, page), { rootPath: root, compiler: 'official' })
  const component = simulate.render(id)
  component.attach(document.createElement('div'))
  component.instance.onLoad?.(query)
  await simulate.sleep(150)
  return component
}

/** A finger on an element: the simulator makes the tap of it. */
async function tap(element) {
  const touch = { identifier: 1, clientX: 5, clientY: 5, pageX: 5, pageY: 5 }
  for (const [type, touches] of [['touchstart', [touch]], ['touchend', []]]) {
    const event = new Event(type, { bubbles: true })
    element.dispatchEvent(Object.assign(event, { touches, changedTouches: [touch] }))
  }
  await simulate.sleep(50)
}

module.exports = { root, calls, visits, start, open, tap }
