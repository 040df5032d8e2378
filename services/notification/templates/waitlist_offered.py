"""Time that somebody waits for is kept for them, for a while."""

from services.notification.domain import Template

TEMPLATE = Template(
    subject={
        "zh": "您候补的时间有空位了：$start",
        "en": "A time you are waiting for is free: $start",
    },
    body={
        "zh": """
$customer_name，您好！您候补的时间有空位了，我们已为您保留。

套餐：$service_name
时间：$start
门店：$branch_name
电话：$branch_phone
保留至：$expires_at

请在此之前接受或放弃：$offer_url
逾期未接受，名额将留给下一位候补的客人。
""",
        "en": """
Dear $customer_name, a time you are waiting for is free, and we are keeping it for you.

Package: $service_name
Time: $start
Studio: $branch_name
Phone: $branch_phone
Kept until: $expires_at

Please take it or let it go before then: $offer_url
After that it is offered to the next person on the waitlist.
""",
    },
)
