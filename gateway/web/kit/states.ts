// Labels and colours of the states people see; the rules between states belong to the services.
import { colours } from "./tokens";
import type { Cause, ChargeKind, Deposit, Due, PaymentState, RefundState } from "./money";
import type { CalendarEntry, Leave, ResourceType, SpecialDay, WaitlistEntry } from "./scheduling";
import type { Booking, BookingStatus, OrderStatus, PaymentStatus, Text } from "./types";

export interface StateLook {
  label: Text;
  /** Text and edge. */
  colour: string;
  /** Background under `colour`; the pair keeps a contrast of at least 4.5. */
  soft: string;
}

function look(zh: string, en: string, tone: { strong: string; soft: string }): StateLook {
  return { label: { zh, en }, colour: tone.strong, soft: tone.soft };
}

export const bookingStates: Record<BookingStatus, StateLook> = {
  held: look("预占", "On hold", colours.amber),
  pending: look("待门店确认", "Awaiting approval", colours.plum),
  confirmed: look("已确认", "Confirmed", colours.pine),
  checked_in: look("已到店", "Checked in", colours.sky),
  in_service: look("服务中", "In service", colours.indigo),
  completed: look("已完成", "Completed", colours.stone),
  cancelled: look("已取消", "Cancelled", colours.ash),
  expired: look("已过期", "Expired", colours.ash),
  rejected: look("未接受", "Declined", colours.rust),
  no_show: look("爽约", "No-show", colours.rust),
};

export const orderStatuses: Record<OrderStatus, StateLook> = {
  to_confirm: look("待确认", "To confirm", colours.amber),
  to_serve: look("待服务", "To serve", colours.pine),
  to_pay: look("待支付", "To pay", colours.rust),
  done: look("已完成", "Done", colours.stone),
  closed: look("已关闭", "Closed", colours.ash),
};

export const paymentStatuses: Record<PaymentStatus, StateLook> = {
  unpaid: look("未支付", "Unpaid", colours.amber),
  deposit_paid: look("已支付定金", "Deposit paid", colours.sky),
  partly_paid: look("部分支付", "Partly paid", colours.sky),
  paid: look("已付清", "Paid", colours.pine),
  refunding: look("退款中", "Refunding", colours.plum),
  refunded: look("已退款", "Refunded", colours.stone),
  overpaid: look("多付", "Overpaid", colours.rust),
};

export const paymentStates: Record<PaymentState, StateLook> = {
  pending: look("待支付", "Pending", colours.amber),
  succeeded: look("已到账", "Received", colours.pine),
  failed: look("失败", "Failed", colours.rust),
  refunding: look("退款中", "Refunding", colours.plum),
  refunded: look("已退款", "Refunded", colours.stone),
};

export const refundStates: Record<RefundState, StateLook> = {
  pending: look("退款中", "Under way", colours.plum),
  succeeded: look("已退回", "Given back", colours.stone),
  failed: look("退款失败", "Failed", colours.rust),
};

/** Money that came after its hold had ended. */
export const latePayment: StateLook = look("迟到付款", "Late", colours.plum);

/** A booking that lost somebody of its crew, or its room. */
export const conflictLook: StateLook = look("安排冲突", "Conflict", colours.rust);

export const entryStatuses: Record<CalendarEntry["status"], StateLook> = {
  held: look("预占", "On hold", colours.amber),
  confirmed: look("已确认", "Confirmed", colours.pine),
  served: look("已完成", "Completed", colours.stone),
  no_show: look("爽约", "No-show", colours.rust),
  blocked: look("不可约", "Blocked", colours.ash),
};

export const leaveStates: Record<Leave["state"], StateLook> = {
  pending: look("待审批", "Pending", colours.amber),
  approved: look("已批准", "Approved", colours.pine),
  rejected: look("未批准", "Rejected", colours.rust),
  cancelled: look("已撤回", "Withdrawn", colours.ash),
};

export const waitlistStates: Record<WaitlistEntry["state"], StateLook> = {
  waiting: look("等待中", "Waiting", colours.amber),
  offered: look("已通知", "Offered", colours.sky),
  accepted: look("已接受", "Accepted", colours.pine),
  expired: look("已过期", "Expired", colours.ash),
  left: look("已退出", "Left", colours.ash),
};

export const specialDays: Record<SpecialDay["kind"], StateLook> = {
  holiday: look("节假日", "Public holiday", colours.rust),
  work_day: look("调休上班", "Make-up work day", colours.sky),
  ordinary: look("按平日", "Ordinary day", colours.stone),
};

export const resourceKinds: Record<ResourceType["kind"], Text> = {
  person: { zh: "人员", en: "Person" },
  space: { zh: "场地", en: "Space" },
  thing: { zh: "物品", en: "Thing" },
};

/** What a payment, or a line of a payment schedule, is for. */
export const paymentKinds: Record<string, Text> = {
  payout: { zh: "赔付", en: "Compensation" },
  deposit: { zh: "定金", en: "Deposit" },
  advance: { zh: "订金", en: "Advance" },
  balance: { zh: "尾款", en: "Balance" },
  extra: { zh: "加项", en: "Extra" },
  product: { zh: "商品", en: "Product" },
  top_up: { zh: "储值充值", en: "Top-up" },
};

/** What the law takes a deposit for: earnest money binds both sides, an advance is only paid early. */
export const depositMoney: Record<Deposit["money"], Text> = {
  earnest: { zh: "定金", en: "Earnest money" },
  advance: { zh: "订金", en: "Advance" },
};

export const paymentMethods: Record<string, Text> = {
  cash: { zh: "现金", en: "Cash" },
  card: { zh: "刷卡", en: "Card" },
  transfer: { zh: "转账", en: "Transfer" },
  wechat: { zh: "微信", en: "WeChat" },
  alipay: { zh: "支付宝", en: "Alipay" },
  other: { zh: "其他", en: "Other" },
  stored_value: { zh: "储值", en: "Stored value" },
  points: { zh: "积分", en: "Points" },
};

export const paymentProviders: Record<string, Text> = {
  offline: { zh: "门店收款", en: "At the desk" },
  member: { zh: "会员账户", en: "Member account" },
  wechat_pay: { zh: "微信支付", en: "WeChat Pay" },
  alipay: { zh: "支付宝", en: "Alipay" },
  sandbox: { zh: "模拟支付", en: "Sandbox" },
};

export const chargeKinds: Record<ChargeKind, Text> = {
  extra: { zh: "加项", en: "Extra" },
  product: { zh: "商品", en: "Product" },
  fee: { zh: "费用", en: "Fee" },
  discount: { zh: "优惠", en: "Rebate" },
};

/** Why the services themselves give money back; staff give reasons in their own words. */
export const refundReasons: Record<string, Text> = {
  cancelled: { zh: "预约取消", en: "Booking cancelled" },
  surplus: { zh: "多付款项", en: "Paid too much" },
  late: { zh: "付款迟到，档期已不在", en: "Paid too late, the time was gone" },
};

export const causes: Record<Cause, Text> = {
  customer: { zh: "客户原因", en: "Customer" },
  studio: { zh: "门店原因", en: "Studio" },
  weather: { zh: "天气原因", en: "Weather" },
};

export const channels: Record<string, Text> = {
  web: { zh: "官网", en: "Website" },
  wechat: { zh: "微信", en: "WeChat" },
  mini_program: { zh: "小程序", en: "Mini-program" },
  phone: { zh: "电话", en: "Phone" },
  walk_in: { zh: "到店", en: "Walk-in" },
  api: { zh: "接口", en: "API" },
  import: { zh: "历史导入", en: "Imported" },
};

export const resourceTypes: Record<string, Text> = {
  photographer: { zh: "摄影师", en: "Photographer" },
  makeup_artist: { zh: "化妆师", en: "Make-up artist" },
  studio_room: { zh: "影棚", en: "Studio room" },
  assistant: { zh: "助理", en: "Assistant" },
  retoucher: { zh: "修片师", en: "Retoucher" },
  location: { zh: "外景地", en: "Location" },
  garment: { zh: "礼服", en: "Garment" },
  prop: { zh: "道具", en: "Prop" },
  vehicle: { zh: "车辆", en: "Vehicle" },
};

const UNKNOWN: StateLook = look("未知", "Unknown", colours.ash);

/** The look of a state, also of one this version does not know yet. */
export function lookOf<Key extends string>(table: Record<Key, StateLook>, key: string): StateLook {
  return table[key as Key] ?? { ...UNKNOWN, label: { zh: key, en: key } };
}

/** How a booking's money stands, the deposit called by its own name. */
export function paymentLook(booking: Pick<Booking, "payment_status"> & Partial<Pick<Booking, "deposit_money">>): StateLook {
  const found = lookOf(paymentStatuses, booking.payment_status);
  if (booking.payment_status !== "deposit_paid" || booking.deposit_money !== "advance") return found;
  return { ...found, label: { zh: "已支付订金", en: "Advance paid" } };
}

/** What a payment of a booking was for, a deposit called by its own name. */
export const paymentName = ({ kind }: { kind: string }, { deposit_money: money }: Pick<Booking, "deposit_money">): Text =>
  labelOf(paymentKinds, kind === "deposit" && money === "advance" ? "advance" : kind);

/** A payment schedule whose deposit is called by its own name. */
export function namedDues({ schedule, deposit_money: money }: Pick<Booking, "schedule" | "deposit_money">): Due[] {
  if (money !== "advance") return schedule;
  return schedule.map((due) => (due.kind === "deposit" ? { ...due, kind: "advance" } : due));
}

export function labelOf(table: Record<string, Text>, key: string): Text {
  return table[key] ?? { zh: key, en: key };
}
