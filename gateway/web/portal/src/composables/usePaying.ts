/** Paying for a booking: choosing the way, and going it until the money has come. */
import { computed, onMounted, ref, shallowRef } from 'vue'
import type { PaymentKind, PaymentProvider, PaymentStart } from '@kit/money'
import type { Booking } from '@kit/types'
import { listProviders, startPayment, type Access } from '../api'
import { asProblem } from '../api/client'
import { t, type Key } from '../i18n'
import { leaveFor } from '../lib/navigate'
import { goForPayer, lacksPayer, proofOfPayer, takeErrand } from '../lib/payer'
import { payInWeChat, sceneOf, type WeChatAnswer } from '../lib/pay'

const WECHAT_SAID: Record<WeChatAnswer, Key | null> = {
  done: null,
  cancelled: null,
  failed: 'pay.failed',
  elsewhere: 'pay.onlyInWeChat',
}

export function usePaying(access: Access, booking: () => Booking | null, refresh: () => Promise<void>) {
  const isBusy = ref(false)
  const refusal = ref('')
  /** The ways to choose from, while there is a choice. */
  const ways = shallowRef<PaymentProvider[]>([])
  /** A payment whose code is shown. */
  const shown = shallowRef<{ id: string; code: string } | null>(null)
  const kind = ref<PaymentKind>('deposit')

  const shownPayment = computed(() => booking()?.payments.find(({ id }) => id === shown.value?.id) ?? null)
  const isPaid = computed(() => shownPayment.value !== null && shownPayment.value.paid_at !== null)

  async function attempt(go: () => Promise<void>): Promise<void> {
    if (isBusy.value) return
    isBusy.value = true
    refusal.value = ''
    try {
      await go()
    } catch (error) {
      isBusy.value = false
      refusal.value = asProblem(error).message
      void refresh()
    }
  }

  /** Begin to pay: by the only way there is, or ask for one. */
  const begin = (wanted: PaymentKind) =>
    attempt(async () => {
      kind.value = wanted
      const offered = await listProviders()
      if (offered.length === 1) return follow(offered[0].name)
      if (offered.length) ways.value = offered
      else refusal.value = t('pay.none')
      isBusy.value = false
    })

  const choose = (way: PaymentProvider) => {
    ways.value = []
    return attempt(() => follow(way.name))
  }

  /** Go on with what this page was left for, now that WeChat has told who pays. */
  const resume = () => {
    const errand = takeErrand(access.id)
    if (!errand) return
    kind.value = errand.kind
    void attempt(() => follow(errand.provider, true))
  }
  onMounted(resume)

  /** `isBack` from WeChat: whoever is not known even then is not sent there again. */
  async function follow(name: string, isBack = false): Promise<void> {
    const scene = sceneOf(name)
    try {
      const wish = { kind: kind.value, provider: name, scene, payer: await proofOfPayer(scene) }
      // left for the cashier: stays busy until the page is gone
      if (!(await carryOut(await startPayment(access, wish)))) isBusy.value = false
    } catch (error) {
      if (isBack || !lacksPayer(error)) throw error
      await goForPayer({ bookingId: access.id, kind: kind.value, provider: name })
    }
  }

  /** Go the way the provider has answered; true when this page is being left. */
  async function carryOut({ kind: how, payment_id: id, pay_url: url, params }: PaymentStart): Promise<boolean> {
    if (how === 'redirect') {
      if (leaveFor(url)) return true
      refusal.value = t('booking.payHere')
      return false
    }
    if (how === 'qr') shown.value = { id, code: url }
    else {
      const said = WECHAT_SAID[await payInWeChat(params)]
      refusal.value = said ? t(said) : ''
    }
    await refresh()
    return false
  }

  function stop(): void {
    ways.value = []
    shown.value = null
    isBusy.value = false
  }

  return { isBusy, refusal, ways, shown, shownPayment, isPaid, begin, choose, stop }
}
