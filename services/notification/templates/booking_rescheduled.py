"""The booking has a new time."""

from services.notification.domain import Template

TEMPLATE = Template(
    subject={
        "zh": "预约已改期：$service_name，$start",
        "en": "Your booking has moved: $service_name, $start",
    },
    body={
        "zh": """
$customer_name，您好！您的预约已改期。

预约编号：$number
套餐：$service_name
新时间：$start
原时间：$previous_start
门店：$branch_name
地址：$branch_address
电话：$branch_phone

查看、改期或取消预约：$manage_url
没有链接时，可在「查询预约」页用手机号码和查询码查看：$lookup_code
""",
        "en": """
Dear $customer_name, your booking has moved.

Booking: $number
Package: $service_name
New time: $start
Former time: $previous_start
Studio: $branch_name
Address: $branch_address
Phone: $branch_phone

See, move or cancel your booking: $manage_url
Without the link, use Find my booking with your phone number and this code: $lookup_code
""",
    },
    optional=("lookup_code",),
)
