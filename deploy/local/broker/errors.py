"""How the broker refuses: AMQP's reply codes with RabbitMQ's wording, and no other failure."""

# (class, method): AMQP's number of the operation that was refused.
MethodNumber = tuple[int, int]

EXCHANGE_DECLARE: MethodNumber = (40, 10)
EXCHANGE_DELETE: MethodNumber = (40, 20)
QUEUE_DECLARE: MethodNumber = (50, 10)
QUEUE_BIND: MethodNumber = (50, 20)
QUEUE_PURGE: MethodNumber = (50, 30)
QUEUE_DELETE: MethodNumber = (50, 40)
QUEUE_UNBIND: MethodNumber = (50, 50)
BASIC_QOS: MethodNumber = (60, 10)
BASIC_CONSUME: MethodNumber = (60, 20)
BASIC_PUBLISH: MethodNumber = (60, 40)
BASIC_GET: MethodNumber = (60, 70)
BASIC_ACK: MethodNumber = (60, 80)


class BrokerError(Exception):
    """Refuse an operation the way AMQP does: with a reply code, a text and the method's number."""

    def __init__(self, code: int, text: str, method: MethodNumber) -> None:
        super().__init__(code, text, method)
        self.code = code
        self.text = text
        self.method = method


def not_found(what: str, method: MethodNumber) -> BrokerError:
    return BrokerError(404, f"NOT_FOUND - no {what}", method)


def precondition_failed(why: str, method: MethodNumber) -> BrokerError:
    return BrokerError(406, f"PRECONDITION_FAILED - {why}", method)


def access_refused(why: str, method: MethodNumber) -> BrokerError:
    return BrokerError(403, f"ACCESS_REFUSED - {why}", method)


def resource_locked(why: str, method: MethodNumber) -> BrokerError:
    return BrokerError(405, f"RESOURCE_LOCKED - {why}", method)


def not_allowed(why: str, method: MethodNumber) -> BrokerError:
    return BrokerError(530, f"NOT_ALLOWED - {why}", method)


def not_implemented(why: str, method: MethodNumber) -> BrokerError:
    return BrokerError(540, f"NOT_IMPLEMENTED - {why}", method)
