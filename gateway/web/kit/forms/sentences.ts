// What a form says about answers, in both languages: the twin of ANSWERS in
// services/booking/domain/forms/sentences.py.
import type { Text } from "../types";

export interface Fault {
  pointer: string;
  code: string;
  message: Text;
}

const ANSWERS: Readonly<Record<string, readonly [string, string]>> = {
  "form.required": ["此项必填", "This is needed"],
  "form.text": ["请填写普通文字", "Please write plain text"],
  "form.too_short": ["至少 {limit} 个字", "At least {limit} characters"],
  "form.too_long": ["最多 {limit} 个字", "At most {limit} characters"],
  "form.pattern": ["格式不正确", "This is not in the expected form"],
  "form.phone": ["请填写正确的电话号码", "Please give a valid phone number"],
  "form.mobile": ["请填写正确的手机号码", "Please give a valid mobile number"],
  "form.email": ["请填写正确的邮箱地址", "Please give a valid e-mail address"],
  "form.number": ["请填写数字", "Please give a number"],
  "form.decimals": ["最多 {limit} 位小数", "At most {limit} decimal places"],
  "form.too_small": ["不能小于 {limit}", "Not less than {limit}"],
  "form.too_large": ["不能大于 {limit}", "Not more than {limit}"],
  "form.money": ["请填写正确的金额", "Please give a valid amount"],
  "form.too_little": ["金额不能少于 {limit} 元", "The amount must be {limit} or more"],
  "form.too_much": ["金额不能超过 {limit} 元", "The amount must be {limit} or less"],
  "form.date": ["请选择正确的日期", "Please choose a valid date"],
  "form.datetime": ["请选择正确的日期和时间", "Please choose a valid date and time"],
  "form.too_early": ["不能早于 {limit}", "Not before {limit}"],
  "form.too_late": ["不能晚于 {limit}", "Not after {limit}"],
  "form.too_soon": ["须在今天起 {limit} 天或之后", "Not sooner than {limit} days from today"],
  "form.too_far": ["须在今天起 {limit} 天之内", "Not later than {limit} days from today"],
  "form.timespan": ["请选择开始和结束时间", "Please choose a start and an end"],
  "form.timespan_order": ["结束须晚于开始", "The end must be after the start"],
  "form.choice": ["请从选项中选择", "Please choose from the options"],
  "form.option": ["所选项已不可用，请重新选择", "This choice is not available, please choose again"],
  "form.too_few": ["至少选择 {limit} 项", "At least {limit}"],
  "form.too_many": ["最多选择 {limit} 项", "At most {limit}"],
  "form.file": ["请重新上传文件", "Please upload the files again"],
  "form.address": ["请填写正确的地址", "Please give a valid address"],
  "form.point": ["请在地图上选择位置", "Please choose the place on the map"],
  "form.reference": ["请重新选择", "Please choose again"],
  "form.signature": ["请重新签名", "Please sign again"],
  "form.consent": ["请勾选同意", "Please give your consent"],
  "form.rule": ["填写的内容不符合要求", "This does not fit the rules of the form"],
};

export function fault(pointer: string, code: string, limit: string | number = ""): Fault {
  const [zh, en] = (ANSWERS[code] as readonly [string, string]).map((sentence) =>
    sentence.replace("{limit}", String(limit)),
  ) as [string, string];
  return { pointer, code, message: { zh, en } };
}
