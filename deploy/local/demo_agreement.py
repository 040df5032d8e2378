"""The demo studio's template of an agreement, for all of its services; no lawyer has seen it."""

from typing import Any

TEXT_ZH = """\
甲方（客户）：{{customer_name}}　电话：{{customer_phone}}
乙方（门店）：{{branch_name}}　电话：{{branch_phone}}
地址：{{branch_address}}

一、服务内容
甲方预约乙方「{{service_name}}」，订单编号 {{order_number}}，预约编号 {{booking_number}}。
{{lines}}

二、时间
拍摄日期为 {{starts_on}}，时间为 {{starts_at}}。如需改期，甲乙双方应提前联系，按预约页面所示的改期规则办理。

三、价款
合同总价 {{price}}（大写：{{price_in_words}}）。甲方已付或应付{{deposit_money}} {{deposit}}，其余 {{balance}} 按预约页面所示的付款安排支付。

四、肖像与隐私
照片的肖像权归甲方所有。未经甲方另行书面同意，乙方不得将照片用于宣传、展示或提供给第三方。

五、交付
乙方应按约定的数量与时间交付成片。因乙方原因无法交付的，乙方应安排免费补拍或退还相应价款。

六、其他
本合同自甲方签署之日起生效。未尽事宜由双方协商解决。

合同日期：{{drawn_up_on}}
"""  # noqa: E501 (one line, one paragraph)

TEXT_EN = """\
Customer: {{customer_name}}, {{customer_phone}}
Studio: {{branch_name}}, {{branch_phone}}
{{branch_address}}

1. Service
The customer books “{{service_name}}”, order {{order_number}}, booking {{booking_number}}.
{{lines}}

2. Time
The session is on {{starts_on}} at {{starts_at}}. It is moved under the terms shown with the booking.

3. Price
The price is {{price}}. The {{deposit_money}} is {{deposit}}; the other {{balance}} are paid as shown with the booking.

4. Likeness and privacy
The customer keeps the rights in their likeness. The studio uses no picture for publicity, and gives none to others, without separate written consent.

5. Delivery
The studio delivers as many pictures as agreed, when agreed. What it cannot deliver it takes again free of charge, or pays back.

6. Other
This agreement holds from the day on which the customer signs it.

Drawn up on {{drawn_up_on}}
"""  # noqa: E501 (one line, one paragraph)

AGREEMENT_TEMPLATES: list[dict[str, Any]] = [
    {
        "template_id": "cbb8b9a5-5d0c-5a07-9f4e-1f6a4a0f7d10",
        "name": {"zh": "通用摄影合同", "en": "General agreement"},
        "title": {"zh": "摄影服务合同", "en": "Photography agreement"},
        "text": {"zh": TEXT_ZH, "en": TEXT_EN},
    },
]
