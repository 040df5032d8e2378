"""Money came after its booking had expired and the time was gone: it is paid back."""

from services.notification.domain import Template

TEMPLATE = Template(
    subject={
        "zh": "预约 $number 的付款将退回",
        "en": "Your payment for booking $number is being refunded",
    },
    body={
        "zh": """
$customer_name，您好！

预约 $number 超时失效后，我们收到了您支付的 $amount。
该时段已被占用，款项将全额原路退回，无需您操作。
到账时间以支付渠道为准。欢迎重新选择时间预约。
""",
        "en": """
Dear $customer_name,

your payment of $amount arrived after booking $number had expired and its time was taken. \
The full amount goes back the way it came; you need not do anything.
When it arrives depends on your bank. You are welcome to choose another time.
""",
    },
)
