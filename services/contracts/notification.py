"""Notification's words on the wire: messages to people and what became of them."""

from marshmallow import fields, validate

from services.contracts.errors import Invalid, NotFound
from services.contracts.fields import Contract, Instant, Json
from services.contracts.registry import Event, Rpc

OWNER = "notification"
LANGUAGES = ("zh", "en")


class TemplateUnknown(NotFound):
    code = "notification.template_unknown"
    sentence = {"zh": "没有这个消息模板", "en": "There is no such message template"}


class ContextIncomplete(Invalid):
    """Shapes:  details["missing"] = [name, …]."""

    code = "notification.context_incomplete"
    sentence = {"zh": "消息模板缺少数据", "en": "The message template lacks values"}


class SendMessage(Contract):
    """`message_id` is made by the sender: sending it twice sends once."""

    message_id = fields.UUID(required=True)
    template = fields.String(required=True)
    language = fields.String(load_default="zh", validate=validate.OneOf(LANGUAGES))
    recipient = fields.String(required=True, validate=validate.Length(min=1, max=200))
    subject_id = fields.UUID(required=True)
    context = Json(required=True)


class Message(Contract):
    id = fields.UUID(required=True)
    subject = fields.String(required=True)
    body = fields.String(required=True)
    channel = fields.String(required=True)
    state = fields.String(required=True)
    sent_at = Instant(required=True, allow_none=True)


class MessagesOf(Contract):
    subject_id = fields.UUID(required=True)


class MessageList(Contract):
    items = fields.List(fields.Nested(Message), required=True)


SEND = Rpc(OWNER, "send", SendMessage(), Message(), (TemplateUnknown, ContextIncomplete))
LIST_MESSAGES = Rpc(OWNER, "list_messages", MessagesOf(), MessageList())


class MessageFact(Contract):
    message_id = fields.UUID(required=True)
    subject_id = fields.UUID(required=True)
    template = fields.String(required=True)
    channel = fields.String(required=True)
    sent_at = Instant(required=True)


MESSAGE_SENT = Event("message.sent", OWNER, MessageFact(), "subject_id", ("crm",))
