"""What the columns of an imported file may hold, and how that is guessed from their titles."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from services.booking.domain.imports import cells

Words = Mapping[str, str]


@dataclass(frozen=True)
class Field:
    """What a column may hold; `headers` are the words by which it is known, the likeliest first."""

    name: str
    label: Words
    kind: str
    headers: tuple[str, ...]
    example: Words
    required: bool = False


def _field(
    name: str,
    kind: str,
    zh: str,
    en: str,
    headers: str,
    example: str,
    example_en: str = "",
    **more: Any,
) -> Field:
    return Field(
        name=name,
        label={"zh": zh, "en": en},
        kind=kind,
        headers=tuple(headers.split()),
        example={"zh": example, "en": example_en or example},
        **more,
    )


FIELDS: dict[str, Field] = {
    each.name: each
    for each in (
        _field(
            "reference",
            "text",
            "订单号",
            "Order number",
            "订单号 订单编号 原订单号 单号 编号 ordernumber orderno orderid order#",
            "A20250301-01",
        ),
        _field(
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
        _field(
            "phone",
            "phone",
            "手机号",
            "Phone",
            "手机号 手机号码 手机 联系电话 电话 联系方式 phonenumber mobile phone tel",
            "13800138000",
            required=True,
        ),
        _field(
            "service",
            "choice",
            "套餐",
            "Package",
            "套餐 套餐名称 套系 服务 服务项目 项目 产品 package service product",
            "个人写真",
            "Portrait",
        ),
        _field(
            "branch",
            "choice",
            "门店",
            "Branch",
            "门店 分店 店铺 店 branch store studio",
            "外滩店",
            "The Bund",
        ),
        _field(
            "start",
            "moment",
            "拍摄日期",
            "Date of the appointment",
            "拍摄日期 拍摄时间 预约日期 预约时间 服务日期 服务时间 到店日期 到店时间 档期 日期 "
            "appointmentdate shootdate starttime start date",
            "2025-03-01 14:00",
            required=True,
        ),
        _field("clock", "clock", "开始时间", "Time of day", "开始时间 时间 时段 time", "14:00"),
        _field(
            "minutes",
            "minutes",
            "时长（分钟）",
            "Minutes",
            "时长 用时 duration minutes length",
            "120",
        ),
        _field(
            "total",
            "money",
            "订单金额",
            "Total",
            "订单金额 订单总额 总金额 总价 总额 应收 应付 价格 金额 total price amount",
            "3999.00",
        ),
        _field(
            "paid",
            "money",
            "已付金额",
            "Paid",
            "已付金额 已付 已收 实付 实收 实付金额 实收金额 支付金额 付款金额 paid received",
            "3999.00",
        ),
        _field(
            "paid_at",
            "moment",
            "付款时间",
            "Paid on",
            "付款时间 付款日期 支付时间 支付日期 收款时间 收款日期 paidat paidon paymentdate",
            "2025-02-20",
        ),
        _field(
            "method",
            "choice",
            "支付方式",
            "Paid by",
            "支付方式 付款方式 收款方式 支付渠道 paymentmethod paidby method",
            "微信",
            "WeChat",
        ),
        _field(
            "status",
            "choice",
            "状态",
            "Status",
            "状态 订单状态 预约状态 status state",
            "已完成",
            "Completed",
        ),
        _field(
            "ordered_at",
            "moment",
            "下单时间",
            "Ordered on",
            "下单时间 下单日期 创建时间 创建日期 成交时间 orderedon orderedat orderdate createdat",
            "2025-02-20 10:30",
        ),
        _field(
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
REQUIRED = tuple(name for name, each in FIELDS.items() if each.required)

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


def squeezed(text: str) -> str:
    """Return a text as headers and names are compared: no blanks, marks or brackets with hints."""
    told = re.sub(r"[(\[【].*?[)\]】]", "", cells.plain(text))
    return re.sub(r"[\s_:*\-/.]+", "", told)


def guess_columns(titles: Sequence[str]) -> dict[str, int]:
    """Return which column is likely to hold which field.

    A whole title is surer than a part of it, and its end than its beginning: 客户手机 is a phone.
    """
    told = [squeezed(title) for title in titles]
    likely = sorted(
        (title != word, not title.endswith(word), -len(word), at, name)
        for at, title in enumerate(told)
        for name, each in FIELDS.items()
        for word in each.headers
        if title == word or (len(word) > 1 and word in title)
    )
    found: dict[str, int] = {}
    for *_, at, name in likely:
        if name not in found and at not in found.values():
            found[name] = at
    return found


def names_of(options: Mapping[str, tuple[Words, str]]) -> dict[str, str]:
    """Return what each known word stands for."""
    return {
        squeezed(word): code
        for code, (label, words) in options.items()
        for word in (code, label["zh"], label["en"], *words.split())
    }


KNOWN_WORDS = {"status": names_of(STATUSES), "method": names_of(METHODS)}
