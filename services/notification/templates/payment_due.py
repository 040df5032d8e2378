"""A part of the price is to be paid soon, today, or should have been paid."""

from services.notification.domain import Template

TEMPLATE = Template(
    subject={
        "zh": "付款提醒：$service_name，$open",
        "en": "Payment reminder: $service_name, $open",
    },
    body={
        "zh": """
$customer_name，您好！您的预约还有一笔款项待支付。

预约编号：$number
套餐：$service_name
金额：$open
应付日期：$due_on
门店：$branch_name

在线支付或查看预约：$manage_url
没有链接时，可在「查询预约」页用手机号码和查询码查看：$lookup_code
如已支付，请忽略本消息；如有疑问，请致电门店：$branch_phone
""",
        "en": """
Dear $customer_name, a payment of your booking is still open.

Booking: $number
Package: $service_name
Amount: $open
To be paid by: $due_on
Studio: $branch_name

Pay online or see your booking: $manage_url
Without the link, use Find my booking with your phone number and this code: $lookup_code
If you have paid already, please ignore this message. Questions? Please call: $branch_phone
""",
    },
    optional=("lookup_code",),
)
