"""The studio cannot take the booking."""

from services.notification.domain import Template

TEMPLATE = Template(
    subject={
        "zh": "未能接受您的预约：$service_name，$start",
        "en": "We cannot take your booking: $service_name, $start",
    },
    body={
        "zh": """
$customer_name，您好！很抱歉，门店未能接受您的预约。

预约编号：$number
套餐：$service_name
时间：$start
门店：$branch_name
原因：$reason

已付款项将全额原路退回。如需改约其他时间，请致电门店：$branch_phone
查看预约：$manage_url
没有链接时，可在「查询预约」页用手机号码和查询码查看：$lookup_code
""",
        "en": """
Dear $customer_name, we are sorry: the studio cannot take your booking.

Booking: $number
Package: $service_name
Time: $start
Studio: $branch_name
Reason: $reason

All that you have paid goes back the way it came. For another time please call: $branch_phone
See your booking: $manage_url
Without the link, use Find my booking with your phone number and this code: $lookup_code
""",
    },
    optional=("lookup_code",),
)
