// The private page of the waitlist: what is kept for whom, and booking it.
const { calls, visits, start, open, tap } = require('./simulator')

const place = {
  id: 'w1', service_id: 's1', branch_id: 'b1', from: '2026-11-27', to: '2026-11-29', weekdays: [6, 7], earliest: '09:00', latest: null,
  resource_ids: [], options: [], contact: { name: '林小满', phone: '13612345678', language: 'zh' }, priority: 0,
  state: 'offered', joined_at: '2026-11-22T02:00:00Z', ahead: 0,
  offer: { booking_id: 'k1', start: '2026-11-28T02:00:00Z', expires_at: new Date(Date.now() + 600_000).toISOString() },
}

beforeAll(() => start({ 'waitlist/mine': place, bookings: { id: 'k1', manage_token: 'secret' } }))

test('the time that is kept is shown on the branch’s clock, and accepting it leads to the booking', async () => {
  const page = await open('pages/waitlist/waitlist', { token: 'abc' })
  expect(calls).toContain('/api/v1/waitlist/mine')
  expect(page.dom.textContent).toContain('11月28日 周六10:00')
  expect(page.dom.textContent).toContain('周六，周日')
  expect(page.dom.textContent).toContain('¥259')

  await tap(page.dom.querySelector('.press-area--press-primary'))
  expect(calls).toContain('/api/v1/bookings')
  expect(visits).toEqual(['/pages/booking/booking?id=k1&token=secret'])
})
