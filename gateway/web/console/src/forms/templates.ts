// Forms to begin with, in both languages; a studio changes what it does not need.
import type { Field, Option } from "@kit/forms/kinds";
import type { Definition, WrittenRule } from "@kit/forms/state";
import type { Text } from "@kit/types";
import type { FormKind } from "./types";

export interface Template {
  id: string;
  kind: FormKind;
  name: Text;
  hint: Text;
  definition: Definition;
}

const text = (zh: string, en: string): Text => ({ zh, en });
const ask = (key: string, kind: string, zh: string, en: string, more: Partial<Field> = {}): Field => ({
  key,
  kind,
  label: text(zh, en),
  ...more,
});
const option = (value: string, zh: string, en: string): Option => ({ value, label: text(zh, en) });
const when = (field: string, value: string): WrittenRule["when"] => ({ "==": [{ var: field }, value] });
const needed = { required: true };

const NAME = ask("name", "text", "姓名", "Name", needed);
const PHONE = ask("phone", "phone", "手机号", "Mobile", { ...needed, validation: { mobile: true } });
const CONSENT = ask("consent", "consent", "隐私同意", "Privacy", {
  ...needed,
  statement: text(
    "同意门店为安排拍摄使用以上信息，不向无关人员提供。",
    "The studio may use this to arrange the shoot, and passes it to nobody else.",
  ),
});

const customer: Template = {
  id: "customer",
  kind: "booking",
  name: text("客户预约资料", "Booking details"),
  hint: text("到店前了解客户：联系方式、人数和偏好", "Know the customer before the visit"),
  definition: {
    fields: [
      NAME,
      PHONE,
      ask("shoot", "single_choice", "拍摄类型", "Kind of shoot", {
        ...needed,
        options: [
          option("wedding", "婚纱照", "Wedding"),
          option("portrait", "写真", "Portrait"),
          option("family", "亲子 / 全家福", "Family"),
        ],
      }),
      ask("wedding_date", "date", "婚期", "Wedding day"),
      ask("people", "number", "人数", "People", { validation: { min: 1, max: 50, decimals: 0 } }),
      ask("photographer", "resource", "想要的摄影师", "Photographer", {
        source: { kind: "resources", resource_type: "photographer" },
      }),
      ask("wishes", "paragraph", "其他要求", "Anything else"),
      CONSENT,
    ],
    rules: [
      { effect: "show", fields: ["wedding_date"], when: when("shoot", "wedding") },
      { effect: "show", fields: ["people"], when: when("shoot", "family") },
      { effect: "require", fields: ["people"], when: when("shoot", "family") },
    ],
  },
};

const brief: Template = {
  id: "brief",
  kind: "other",
  name: text("拍摄需求", "Shooting brief"),
  hint: text("风格、参考图与场地偏好", "Style, reference pictures and places"),
  definition: {
    fields: [
      NAME,
      PHONE,
      ask("styles", "multiple_choice", "喜欢的风格", "Styles", {
        options: [
          option("film", "胶片", "Film"),
          option("retro", "复古", "Retro"),
          option("chinese", "中式", "Chinese"),
          option("forest", "森系", "Forest"),
          option("minimal", "极简", "Minimal"),
        ],
        validation: { max_items: 3 },
      }),
      ask("place", "single_choice", "场地", "Place", {
        options: [option("studio", "影棚", "Studio"), option("outdoor", "外景", "Outdoors")],
      }),
      ask("address", "address", "外景地点", "Where"),
      ask("references", "image", "参考图片", "Reference pictures", { validation: { max_items: 9 } }),
      ask("budget", "money", "预算", "Budget"),
      ask("notes", "paragraph", "补充说明", "Notes"),
    ],
    rules: [{ effect: "show", fields: ["address"], when: when("place", "outdoor") }],
  },
};

const marks = [
  option("5", "非常满意", "Very satisfied"),
  option("4", "满意", "Satisfied"),
  option("3", "一般", "Neutral"),
  option("2", "不满意", "Dissatisfied"),
  option("1", "非常不满意", "Very dissatisfied"),
];
const unhappy = { in: [{ var: "overall" }, ["1", "2"]] };

const survey: Template = {
  id: "survey",
  kind: "survey",
  name: text("满意度调查", "Satisfaction survey"),
  hint: text("拍摄后发给客户，每笔预约填写一次", "Sent after the shoot, answered once for each booking"),
  definition: {
    fields: [
      ask("overall", "single_choice", "总体满意度", "All in all", { ...needed, options: marks }),
      ask("photographer", "single_choice", "摄影师", "Photographer", { options: marks }),
      ask("makeup", "single_choice", "化妆造型", "Make-up", { options: marks }),
      ask("what_failed", "paragraph", "哪里可以做得更好", "What could be better"),
      ask("recommend", "single_choice", "是否愿意推荐给朋友", "Would you recommend us", {
        options: [option("yes", "愿意", "Yes"), option("maybe", "看情况", "Perhaps"), option("no", "不愿意", "No")],
      }),
      ask("share", "consent", "样片授权", "Use of pictures", {
        statement: text("同意门店展示本次拍摄的样片。", "The studio may show pictures of this shoot."),
      }),
    ],
    rules: [{ effect: "require", fields: ["what_failed"], when: unhappy }],
  },
};

const fitting: Template = {
  id: "fitting",
  kind: "other",
  name: text("试纱登记", "Fitting"),
  hint: text("试纱时间、尺寸与礼服偏好", "Time, measures and dresses"),
  definition: {
    fields: [
      NAME,
      PHONE,
      ask("fitting_at", "datetime", "试纱时间", "Fitting at", { ...needed, validation: { earliest_days: 0 } }),
      ask("measures", "section", "尺寸", "Measures"),
      ask("height", "number", "身高（cm）", "Height (cm)", { section: "measures", validation: { min: 100, max: 230 } }),
      ask("bust", "number", "胸围（cm）", "Bust (cm)", { section: "measures", validation: { min: 50, max: 160 } }),
      ask("waist", "number", "腰围（cm）", "Waist (cm)", { section: "measures", validation: { min: 40, max: 160 } }),
      ask("hips", "number", "臀围（cm）", "Hips (cm)", { section: "measures", validation: { min: 50, max: 180 } }),
      ask("dresses", "multiple_choice", "礼服类型", "Dresses", {
        options: [
          option("white", "主纱", "Wedding dress"),
          option("evening", "晚礼服", "Evening dress"),
          option("xiuhe", "秀禾服", "Xiuhe"),
          option("suit", "男士西装", "Suit"),
        ],
      }),
      ask("agreed", "signature", "客户签名", "Signature"),
    ],
    rules: [],
  },
};

export const TEMPLATES: readonly Template[] = [customer, brief, survey, fitting];

/** What an empty form begins with: a definition without fields cannot be saved as anything. */
export const EMPTY: Definition = { fields: [NAME], rules: [] };
