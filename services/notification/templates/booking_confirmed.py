"""The booking is certain: when, where, what remains to be paid."""

from services.notification.domain import Template

TEMPLATE = Template(
    subject={
        "zh": "预约已确认：$service_name，$start",
        "en": "Your booking is confirmed: $service_name, $start",
    },
    body={
        "zh": """
$customer_name，您好！您的预约已确认，期待与您相见。

预约编号：$number
套餐：$service_name
时间：$start
门店：$branch_name
地址：$branch_address
电话：$branch_phone
已付：$paid
到店支付余款：$balance

查看、改期或取消预约：$manage_url
没有链接时，可在「查询预约」页用手机号码和查询码查看：$lookup_code
""",
        "en": """
Dear $customer_name, your booking is confirmed. We look forward to seeing you.

Booking: $number
Package: $service_name
Time: $start
Studio: $branch_name
Address: $branch_address
Phone: $branch_phone
Paid: $paid
To be paid at the studio: $balance

See, move or cancel your booking: $manage_url
Without the link, use Find my booking with your phone number and this code: $lookup_code
""",
    },
    optional=("lookup_code",),
)
