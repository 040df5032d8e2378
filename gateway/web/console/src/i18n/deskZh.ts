// 收银台的赔付与每日对账。
const deskZh = {
  payout: {
    title: "影楼赔付",
    owed: "尚欠客户",
    settled: "已全部支付",
    pay: "支付赔付",
    payAmount: "支付 {amount}",
    paid: "已记录赔付。",
    hint: "定金双倍返还中超出已付款的部分，由门店另行支付给客户。",
    aboveDebt: "超过尚欠的 {amount}。",
  },
  reconciliation: {
    title: "支付平台对账",
    hint: "每天上午取前一日账单，与系统记录逐笔核对。",
    empty: "还没有对账结果。",
    agrees: "一致 {count} 笔",
    differs: "差异 {count} 笔",
    waiting: "账单未就绪，{at} 再取",
    given: "账单未能取得",
    differing: "金额不符",
    missingHere: "平台有，系统没有",
    missingThere: "系统有，平台没有",
    repeated: "平台重复",
    payment: "收款",
    refund: "退款",
    theirs: "平台 {amount}",
  },
};

export default deskZh;
