"""Booking's words on the wire: files that people send, and by what right they are read."""

from marshmallow import fields, validate

from services.contracts.booking import OWNER, SEEN, Access, OneBooking
from services.contracts.catalogue import Empty
from services.contracts.errors import Conflict, Forbidden, Invalid, NotFound, TooMany
from services.contracts.fields import Contract, Instant, Line
from services.contracts.forms import FormUnknown
from services.contracts.registry import Event, Rpc

PURPOSES = ("reference", "attachment", "form_image", "form_file", "theme_image")
STATES = ("receiving", "checking", "ready", "refused", "expired")
VARIANTS = ("original", "large", "small")
REFUSALS = ("type_refused", "damaged", "too_large", "too_many_pixels")

PIECE_BYTES = 1024 * 1024
"""The most that is stored and counted at once: what a client sends again after a broken
connection, and what the gateway holds in memory for each upload."""

MAX_PIECES = 64
"""The most pieces that are counted together, which a checksum over them makes necessary."""

# --- errors


class UploadUnknown(NotFound):
    code = "booking.upload_unknown"
    sentence = {"zh": "没有这个上传，或已过期", "en": "There is no such upload, or it has expired"}


class FileUnknown(NotFound):
    code = "booking.file_unknown"
    sentence = {
        "zh": "没有这个文件，或链接已过期",
        "en": "There is no such file, or its link has expired",
    }


class PermitInvalid(Forbidden):
    code = "booking.permit_invalid"
    sentence = {
        "zh": "上传许可无效或已过期",
        "en": "The permit to upload is not valid or has expired",
    }


class PurposeRefused(Forbidden):
    code = "booking.upload_purpose_refused"
    sentence = {"zh": "不能为此用途上传文件", "en": "You may not upload files for this purpose"}


class OffsetConflict(Conflict):
    """Shapes:  details = {"offset"}: where the upload really stands, in bytes."""

    code = "booking.upload_offset"
    sentence = {"zh": "上传位置不一致，请从断点继续", "en": "The upload stands at another offset"}


class UploadTooLarge(Invalid):
    """Shapes:  details = {"max_bytes"}."""

    code = "booking.upload_too_large"
    sentence = {"zh": "文件过大", "en": "The file is too large"}


class FileRefused(Invalid):
    """Shapes:  details = {"reason"}, one of REFUSALS."""

    code = "booking.upload_refused"
    sentence = {
        "zh": "文件类型不支持或已损坏",
        "en": "The file is damaged, or of a kind that is not accepted",
    }


class TooManyUploads(TooMany):
    """Shapes:  details = {"max_files"}."""

    code = "booking.too_many_uploads"
    sentence = {"zh": "上传的文件数量已达上限", "en": "No more files can be uploaded here"}


class VisitorLimitReached(TooMany):
    """Shapes:  details["retry_after_seconds"]: when the day ends that is counted."""

    code = "booking.visitor_upload_limit"
    sentence = {
        "zh": "今天从此网络上传的文件已达上限，请明天再试",
        "en": "No more can be uploaded from this network today",
    }


class UploadNotReady(Conflict):
    code = "booking.upload_not_ready"
    sentence = {"zh": "文件还在处理，请稍后再试", "en": "The file is still being checked"}


# --- shapes


class NewUpload(Contract):
    """What somebody is about to send.

    Shapes:  `content_type` is what the sender believes; `note` is what tus clients said of it and
             get back as they said it.
    Units:   `size` bytes; null when it is told later.
    """

    purpose = fields.String(required=True, validate=validate.OneOf(PURPOSES))
    name = Line(required=True, validate=validate.Length(min=1, max=200))
    content_type = fields.String(load_default="", validate=validate.Length(max=200))
    size = fields.Integer(
        strict=True, load_default=None, allow_none=True, validate=validate.Range(min=1)
    )
    note = fields.String(load_default="", validate=validate.Length(max=2000))


class StartUpload(NewUpload):
    """By a permit, or by the right to change the booking; staff send for a form or theme as well.

    Shapes:  `client` is the address from which a permit is used; only its digest is kept.
    """

    permit = fields.String(load_default=None, allow_none=True, validate=validate.Length(max=600))
    booking_id = fields.UUID(load_default=None, allow_none=True)
    form_id = fields.UUID(load_default=None, allow_none=True)
    client = fields.String(load_default="", validate=validate.Length(max=80))
    access = fields.Nested(Access, load_default=None, allow_none=True)


class File(Contract):
    """One form in which an upload can be read, at a signed address that expires."""

    variant = fields.String(required=True, validate=validate.OneOf(VARIANTS))
    url = fields.String(required=True)
    content_type = fields.String(required=True)
    size = fields.Integer(required=True)


class Upload(Contract):
    """Shapes:  `refusal` says why when the state is refused; `files` is empty until it is ready.

    Units:   `size`, `received` bytes; `width`, `height` pixels, of images.
    """

    id = fields.UUID(required=True)
    purpose = fields.String(required=True)
    name = fields.String(required=True)
    state = fields.String(required=True, validate=validate.OneOf(STATES))
    refusal = fields.String(required=True, allow_none=True, validate=validate.OneOf(REFUSALS))
    size = fields.Integer(required=True, allow_none=True)
    received = fields.Integer(required=True)
    content_type = fields.String(required=True, allow_none=True)
    width = fields.Integer(required=True, allow_none=True)
    height = fields.Integer(required=True, allow_none=True)
    sha256 = fields.String(required=True, allow_none=True)
    created_at = Instant(required=True)
    expires_at = Instant(required=True, allow_none=True)
    files = fields.List(fields.Nested(File), required=True)


class OwnUpload(Upload):
    """An upload as its sender sees it: whoever has the token may go on with it or end it."""

    token = fields.String(required=True)
    max_bytes = fields.Integer(required=True)
    note = fields.String(required=True)


class UploadToken(Contract):
    token = fields.String(required=True, validate=validate.Length(max=200))


class Piece(Contract):
    """A piece that is in the store."""

    key = fields.String(required=True)
    size = fields.Integer(strict=True, required=True, validate=validate.Range(1, PIECE_BYTES))


class AppendUpload(UploadToken):
    """Units:  `offset` bytes, where the first piece begins; `size` the whole, told at last."""

    offset = fields.Integer(strict=True, required=True, validate=validate.Range(min=0))
    pieces = fields.List(
        fields.Nested(Piece), required=True, validate=validate.Length(max=MAX_PIECES)
    )
    size = fields.Integer(
        strict=True, load_default=None, allow_none=True, validate=validate.Range(min=1)
    )


class ListUploads(OneBooking):
    """`crew_id` asks as one of the people who serve the booking, whatever their branches."""

    crew_id = fields.UUID(load_default=None, allow_none=True)


class UploadList(Contract):
    items = fields.List(fields.Nested(Upload), required=True)


class RemoveUpload(OneBooking):
    upload_id = fields.UUID(required=True)


class FileToken(Contract):
    token = fields.String(required=True, validate=validate.Length(max=200))


class FilePlace(Contract):
    """Where a file lies in the store, and how it is sent.

    Shapes:  `inline` says that a browser may show it; anything else is only saved.
    """

    key = fields.String(required=True)
    name = fields.String(required=True)
    content_type = fields.String(required=True)
    size = fields.Integer(required=True)
    etag = fields.String(required=True)
    inline = fields.Boolean(required=True)
    expires_at = Instant(required=True)


# --- RPCs

START_UPLOAD = Rpc(
    OWNER,
    "start_upload",
    StartUpload(),
    OwnUpload(),
    (
        *SEEN,
        FormUnknown,
        PermitInvalid,
        PurposeRefused,
        UploadTooLarge,
        TooManyUploads,
        VisitorLimitReached,
    ),
)
GET_UPLOAD = Rpc(OWNER, "get_upload", UploadToken(), OwnUpload(), (UploadUnknown,))
APPEND_UPLOAD = Rpc(
    OWNER,
    "append_upload",
    AppendUpload(),
    OwnUpload(),
    (UploadUnknown, OffsetConflict, UploadTooLarge, VisitorLimitReached),
)
END_UPLOAD = Rpc(OWNER, "end_upload", UploadToken(), Empty(), (UploadUnknown,))
LIST_UPLOADS = Rpc(OWNER, "list_uploads", ListUploads(), UploadList(), SEEN)
REMOVE_UPLOAD = Rpc(OWNER, "remove_upload", RemoveUpload(), Empty(), (*SEEN, UploadUnknown))
LOCATE_FILE = Rpc(OWNER, "locate_file", FileToken(), FilePlace(), (FileUnknown,))

# --- events


class UploadFact(Contract):
    """A file that was checked and can be read."""

    upload_id = fields.UUID(required=True)
    booking_id = fields.UUID(required=True, allow_none=True)
    form_id = fields.UUID(required=True, allow_none=True)
    branch_id = fields.UUID(required=True, allow_none=True)
    purpose = fields.String(required=True)
    name = fields.String(required=True)
    content_type = fields.String(required=True)
    size = fields.Integer(required=True)


UPLOAD_READY = Event("upload.ready", OWNER, UploadFact(), "upload_id")
