// A form by its link: what rules hide, and what is missing.
const { calls, start, open, tap } = require('./simulator')

const words = (zh) => ({ zh, en: zh })
const definition = {
  fields: [
    { key: 'about', kind: 'section', label: words('关于宝宝') },
    { key: 'name', kind: 'text', label: words('称呼'), required: true, section: 'about' },
    { key: 'kind', kind: 'single_choice', label: words('类型'), options: [{ value: 'baby', label: words('百天') }] },
    { key: 'months', kind: 'number', label: words('月龄') },
    { key: 'sign', kind: 'signature', label: words('签名') },
  ],
  rules: [{ effect: 'show', fields: ['months'], when: { '==': [{ var: 'kind' }, 'baby'] } }],
}
const form = { form_id: 'f1', kind: 'booking', version: 1, name: words('拍摄登记'), code: 'abc', definition, options: {}, more: [], permits: {} }

beforeAll(() => start({ 'form-links/abc': form }))

test('a form shows what its rules show, and is not sent while something is missing', async () => {
  const page = await open('pages/form/form', { code: 'abc' })
  expect(page.dom.textContent).toContain('拍摄登记')
  expect(page.dom.textContent).toContain('关于宝宝')
  expect(page.dom.textContent).not.toContain('月龄')

  await tap([...page.dom.querySelectorAll('[class*=press-area--press]')].find((one) => one.textContent === '百天'))
  expect(page.dom.textContent).toContain('月龄')

  await tap(page.dom.querySelector('.press-area--press-primary'))
  expect(page.dom.textContent).toContain('此项必填')
  expect(calls).not.toContain('/api/v1/form-links/abc/submissions')
})
