"""What the columns of a file of orders may hold, and the words that stand in them."""

from services.booking.domain.imports.fields import Field, Words, field, names_of

FIELDS: dict[str, Field] = {
    each.name: each
    for each in (
        field(
            "reference",
            "text",
            "订单号",
            "Order number",
            "订单号 订单编号 原订单号 单号 编号 ordernumber orderno orderid order#",
            "A20250301-01",
        ),
        field(
            "name",
            "text",
            "客户姓名",
            "Customer",
            "客户姓名 姓名 客户名称 客户名 客户 联系人 顾客 会员 "
            "customername customer name contact",
            "王小明",
            "Wang Xiaoming",
            required=True,
        ),
        field(
            "phone",
            "phone",
            "手机号",
            "Phone",
            "手机号 手机号码 手机 联系电话 电话 联系方式 phonenumber mobile phone tel",
            "13800138000",
            required=True,
        ),
        field(
            "service",
            "choice",
            "套餐",
            "Package",
            "套餐 套餐名称 套系 服务 服务项目 项目 产品 package service product",
            "个人写真",
            "Portrait",
        ),
        field(
            "branch",
            "choice",
            "门店",
            "Branch",
            "门店 分店 店铺 店 branch store studio",
            "外滩店",
            "The Bund",
        ),
        field(
            "start",
            "moment",
            "拍摄日期",
            "Date of the appointment",
            "拍摄日期 拍摄时间 预约日期 预约时间 服务日期 服务时间 到店日期 到店时间 档期 日期 "
            "appointmentdate shootdate starttime start date",
            "2025-03-01 14:00",
            required=True,
        ),
        field("clock", "clock", "开始时间", "Time of day", "开始时间 时间 时段 time", "14:00"),
        field(
            "minutes",
            "minutes",
            "时长（分钟）",
            "Minutes",
            "时长 用时 duration minutes length",
            "120",
        ),
        field(
            "total",
            "money",
            "订单金额",
            "Total",
            "订单金额 订单总额 总金额 总价 总额 应收 应付 价格 金额 total price amount",
            "3999.00",
        ),
        field(
            "paid",
            "money",
            "已付金额",
            "Paid",
            "已付金额 已付 已收 实付 实收 实付金额 实收金额 支付金额 付款金额 paid received",
            "3999.00",
        ),
        field(
            "paid_at",
            "moment",
            "付款时间",
            "Paid on",
            "付款时间 付款日期 支付时间 支付日期 收款时间 收款日期 paidat paidon paymentdate",
            "2025-02-20",
        ),
        field(
            "method",
            "choice",
            "支付方式",
            "Paid by",
            "支付方式 付款方式 收款方式 支付渠道 paymentmethod paidby method",
            "微信",
            "WeChat",
        ),
        field(
            "status",
            "choice",
            "状态",
            "Status",
            "状态 订单状态 预约状态 status state",
            "已完成",
            "Completed",
        ),
        field(
            "ordered_at",
            "moment",
            "下单时间",
            "Ordered on",
            "下单时间 下单日期 创建时间 创建日期 成交时间 orderedon orderedat orderdate createdat",
            "2025-02-20 10:30",
        ),
        field(
            "note",
            "text",
            "备注",
            "Note",
            "备注 说明 留言 note remark comment",
            "首次到店",
            "First visit",
        ),
    )
}
STATUSES: dict[str, tuple[Words, str]] = {
    "completed": (
        {"zh": "已完成", "en": "Completed"},
        "已完成 完成 已服务 已拍摄 已交付 已结束 已核销 已消费 已到店 交易成功 "
        "completed complete done finished",
    ),
    "cancelled": (
        {"zh": "已取消", "en": "Cancelled"},
        "已取消 取消 已退款 已退单 退单 已关闭 交易关闭 作废 已作废 "
        "cancelled canceled void refunded",
    ),
    "no_show": (
        {"zh": "未到店", "en": "No-show"},
        "未到店 爽约 未到 缺席 已过期 noshow no-show no_show missed",
    ),
}
METHODS: dict[str, tuple[Words, str]] = {
    "cash": ({"zh": "现金", "en": "Cash"}, "现金 cash"),
    "card": ({"zh": "刷卡", "en": "Card"}, "刷卡 银行卡 信用卡 pos pos机 card creditcard"),
    "transfer": (
        {"zh": "转账", "en": "Bank transfer"},
        "转账 银行转账 对公 对公转账 transfer banktransfer",
    ),
    "wechat": ({"zh": "微信", "en": "WeChat"}, "微信 微信支付 wechat wechatpay weixin"),
    "alipay": ({"zh": "支付宝", "en": "Alipay"}, "支付宝 alipay"),
    "other": ({"zh": "其他", "en": "Other"}, "其他 其它 other"),
}
PAID: dict[str, Words] = {
    "total": {"zh": "已完成的订单视为付清", "en": "Completed orders were paid in full"},
    "nothing": {"zh": "视为未付款", "en": "Nothing was paid"},
}
DEFAULTS = {"status": "completed", "method": "other", "paid": "total"}
"""What is meant where a file has no such column, unless staff say otherwise."""


KNOWN_WORDS = {"status": names_of(STATUSES), "method": names_of(METHODS)}
