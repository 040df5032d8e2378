"""The booking does not take place."""

from services.notification.domain import Template

TEMPLATE = Template(
    subject={
        "zh": "预约已取消：$service_name，$start",
        "en": "Your booking is cancelled: $service_name, $start",
    },
    body={
        "zh": """
$customer_name，您好！您的预约已取消。

预约编号：$number
套餐：$service_name
原定时间：$start
门店：$branch_name
取消原因：$reason
已付：$paid
可抵用金额：$credit（优惠码 $credit_code，$credit_until 前用于新的预约）

已付款项按预约时约定的条款处理。如有疑问，请致电门店：$branch_phone
查看预约：$manage_url
没有链接时，可在「查询预约」页用手机号码和查询码查看：$lookup_code
""",
        "en": """
Dear $customer_name, your booking is cancelled.

Booking: $number
Package: $service_name
Time: $start
Studio: $branch_name
Reason: $reason
Paid: $paid
Credit: $credit, with the code $credit_code for a new booking before $credit_until

What you have paid is settled by the terms you agreed to. Questions? Call us: $branch_phone
See your booking: $manage_url
Without the link, use Find my booking with your phone number and this code: $lookup_code
""",
    },
    optional=("lookup_code", "credit", "credit_code", "credit_until"),
)
