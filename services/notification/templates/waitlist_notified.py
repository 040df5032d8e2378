"""There is time for all who wait for it; the first to book has it."""

from services.notification.domain import Template

TEMPLATE = Template(
    subject={
        "zh": "您候补的日期有空档了：$start",
        "en": "There is time on a day you are waiting for: $start",
    },
    body={
        "zh": """
$customer_name，您好！您候补的日期有空档了，先到先得。

套餐：$service_name
时间：$start
门店：$branch_name
电话：$branch_phone

预约，或退出候补：$entry_url
""",
        "en": """
Dear $customer_name, there is time on a day you are waiting for. The first to book has it.

Package: $service_name
Time: $start
Studio: $branch_name
Phone: $branch_phone

Book it, or leave the waitlist: $entry_url
""",
    },
)
