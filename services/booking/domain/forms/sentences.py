"""What a form says when something is wrong, in both languages."""

from collections.abc import Mapping
from typing import Any

Fault = dict[str, Any]

ANSWERS: Mapping[str, tuple[str, str]] = {
    "form.required": ("此项必填", "This is needed"),
    "form.text": ("请填写普通文字", "Please write plain text"),
    "form.too_short": ("至少 {limit} 个字", "At least {limit} characters"),
    "form.too_long": ("最多 {limit} 个字", "At most {limit} characters"),
    "form.pattern": ("格式不正确", "This is not in the expected form"),
    "form.phone": ("请填写正确的电话号码", "Please give a valid phone number"),
    "form.mobile": ("请填写正确的手机号码", "Please give a valid mobile number"),
    "form.email": ("请填写正确的邮箱地址", "Please give a valid e-mail address"),
    "form.number": ("请填写数字", "Please give a number"),
    "form.decimals": ("最多 {limit} 位小数", "At most {limit} decimal places"),
    "form.too_small": ("不能小于 {limit}", "Not less than {limit}"),
    "form.too_large": ("不能大于 {limit}", "Not more than {limit}"),
    "form.money": ("请填写正确的金额", "Please give a valid amount"),
    "form.too_little": ("金额不能少于 {limit} 元", "The amount must be {limit} or more"),
    "form.too_much": ("金额不能超过 {limit} 元", "The amount must be {limit} or less"),
    "form.date": ("请选择正确的日期", "Please choose a valid date"),
    "form.datetime": ("请选择正确的日期和时间", "Please choose a valid date and time"),
    "form.too_early": ("不能早于 {limit}", "Not before {limit}"),
    "form.too_late": ("不能晚于 {limit}", "Not after {limit}"),
    "form.too_soon": ("须在今天起 {limit} 天或之后", "Not sooner than {limit} days from today"),
    "form.too_far": ("须在今天起 {limit} 天之内", "Not later than {limit} days from today"),
    "form.timespan": ("请选择开始和结束时间", "Please choose a start and an end"),
    "form.timespan_order": ("结束须晚于开始", "The end must be after the start"),
    "form.choice": ("请从选项中选择", "Please choose from the options"),
    "form.option": (
        "所选项已不可用，请重新选择",
        "This choice is not available, please choose again",
    ),
    "form.too_few": ("至少选择 {limit} 项", "At least {limit}"),
    "form.too_many": ("最多选择 {limit} 项", "At most {limit}"),
    "form.file": ("请重新上传文件", "Please upload the files again"),
    "form.address": ("请填写正确的地址", "Please give a valid address"),
    "form.point": ("请在地图上选择位置", "Please choose the place on the map"),
    "form.reference": ("请重新选择", "Please choose again"),
    "form.signature": ("请重新签名", "Please sign again"),
    "form.consent": ("请勾选同意", "Please give your consent"),
    "form.rule": ("填写的内容不符合要求", "This does not fit the rules of the form"),
}
"""Said to whoever fills in a form; the browser's `sentences.ts` has the same."""

REFERENCES: Mapping[str, tuple[str, str]] = {
    "form.upload_unknown": (
        "文件不存在或已过期，请重新上传",
        "There is no such file, or it has expired: please upload it again",
    ),
    "form.upload_taken": (
        "文件已用于其他提交，请重新上传",
        "This file was sent with something else already: please upload it again",
    ),
    "form.upload_not_ready": (
        "文件还在处理，请稍后再试",
        "This file is still being checked, please try again in a moment",
    ),
    "form.upload_refused": (
        "文件类型不支持或已损坏",
        "This file is damaged, or of a kind that is not accepted",
    ),
    "form.customer_unknown": ("没有找到该客户", "There is no such customer"),
}
"""Said of what answers name; only the server knows whether it is there."""

DEFINITIONS: Mapping[str, tuple[str, str]] = {
    "form.malformed": ("此处应为 {name}", "This should be {name}"),
    "form.missing": ("缺少 {name}", "{name} is missing"),
    "form.unknown_property": ("没有 {name} 这个属性", "There is no property {name} here"),
    "form.text_missing": (
        "请填写中文，最多 {limit} 字",
        "Chinese words are needed, up to {limit} characters",
    ),
    "form.key": ("标识须为小写英文字母开头的单词", "A key is a lower-case word"),
    "form.duplicate_key": ("标识 {name} 重复", "The key {name} is used twice"),
    "form.unknown_kind": ("没有 {name} 这种字段", "There is no kind of field called {name}"),
    "form.options": ("选项不正确", "These are not options"),
    "form.duplicate_option": ("选项 {name} 重复", "The option {name} is listed twice"),
    "form.source": ("选项来源不正确", "This is not a source of options"),
    "form.table_not_public": (
        "数据表未设为公开，客户表单不能引用",
        "This table is not public: forms for customers cannot offer its rows",
    ),
    "form.validation": ("校验条件不正确", "This limit is not valid"),
    "form.bad_pattern": (
        "格式表达式不受支持：只用字符、字符组与数量，最多 {limit} 处可变数量",
        "Patterns have characters, classes and counts, at most {limit} of them variable",
    ),
    "form.default": ("默认值不符合字段要求", "The default does not fit the field"),
    "form.unknown_section": ("没有 {name} 这个分组", "There is no section called {name}"),
    "form.unknown_effect": ("没有 {name} 这种规则", "There is no kind of rule called {name}"),
    "form.unknown_field": ("没有 {name} 这个字段", "There is no field called {name}"),
    "form.no_value": ("{name} 没有可用的值", "{name} has no value"),
    "form.unknown_operator": ("没有 {name} 这个运算", "There is no operator called {name}"),
    "form.arguments": ("运算 {name} 的参数个数不对", "{name} takes another number of arguments"),
    "form.not_a_rule": ("规则写法不正确", "This is not a rule"),
    "form.dynamic": ("{name} 须直接写出字段", "{name} must name its fields literally"),
    "form.nested_loop": ("循环中不能再循环", "A loop may not hold another loop"),
    "form.cycle": ("字段相互依赖：{name}", "These fields depend on each other: {name}"),
    "form.not_computed": ("{name} 不是计算字段", "{name} is not a computed field"),
    "form.no_compute": ("计算字段 {name} 没有公式", "The computed field {name} has no formula"),
    "form.two_rules": ("字段 {name} 已有同类规则", "The field {name} has such a rule already"),
    "form.too_deep": ("嵌套过深，最多 {limit} 层", "Nested too deeply; at most {limit}"),
    "form.too_big": ("内容过多，最多 {limit}", "Too much; at most {limit}"),
}
"""Said to whoever designs a form."""

SENTENCES = {**ANSWERS, **REFERENCES, **DEFINITIONS}


def fault(pointer: str, code: str, **values: object) -> Fault:
    """Return one entry of `errors`."""
    zh, en = (sentence.format(**values) for sentence in SENTENCES[code])
    return {"pointer": pointer, "code": code, "message": {"zh": zh, "en": en}}


def step(pointer: str, name: str) -> str:
    """Return the JSON pointer of a member (RFC 6901)."""
    return f"{pointer}/{name.replace('~', '~0').replace('/', '~1')}"
