"""Booking's words on the wire: rows of the data tables that a studio makes itself."""

from marshmallow import fields, validate

from services.contracts.booking import OWNER
from services.contracts.errors import Conflict, Invalid, NotFound
from services.contracts.fields import Contract, Instant, Json, check_depth
from services.contracts.forms import FormId, FormNotPublished
from services.contracts.registry import Rpc
from services.contracts.submissions import Labels, Search

# --- errors


class TableUnknown(NotFound):
    code = "booking.table_unknown"
    sentence = {"zh": "没有这张数据表", "en": "There is no such data table"}


class RowUnknown(NotFound):
    code = "booking.row_unknown"
    sentence = {"zh": "没有这条记录", "en": "There is no such row"}


class RowChanged(Conflict):
    """Shapes:  details = {"revision"}: the row as somebody else left it."""

    code = "booking.row_changed"
    sentence = {
        "zh": "其他人已修改此记录，请刷新后再试",
        "en": "Somebody else has changed this row, please load it again",
    }


# --- shapes


class TableRow(Contract):
    id = fields.UUID(required=True)
    form_id = fields.UUID(required=True)
    version = fields.Integer(required=True)
    revision = fields.Integer(required=True)
    answers = Json(required=True)
    labels = Labels()
    created_at = Instant(required=True)
    changed_at = Instant(required=True)
    deleted_at = Instant(required=True, allow_none=True)


class OneRow(FormId):
    row_id = fields.UUID(required=True)


class DefineRow(OneRow):
    """`revision` is the one that was seen, null for a row that is new."""

    answers = Json(required=True, validate=check_depth)
    revision = fields.Integer(strict=True, load_default=None, allow_none=True)


class ListRows(Search):
    """`deleted` lists what can be brought back instead."""

    deleted = fields.Boolean(load_default=False)
    limit = fields.Integer(load_default=50, validate=validate.Range(1, 200))


class RowPage(Contract):
    items = fields.List(fields.Nested(TableRow), required=True)
    next_cursor = fields.String(required=True, allow_none=True)


# --- RPCs

DEFINE_ROW = Rpc(
    OWNER,
    "define_row",
    DefineRow(),
    TableRow(),
    (TableUnknown, FormNotPublished, RowUnknown, RowChanged, Invalid),
)
GET_ROW = Rpc(OWNER, "get_row", OneRow(), TableRow(), (RowUnknown,))
LIST_ROWS = Rpc(OWNER, "list_rows", ListRows(), RowPage(), (TableUnknown, Invalid))
DELETE_ROW = Rpc(OWNER, "delete_row", OneRow(), TableRow(), (RowUnknown,))
RESTORE_ROW = Rpc(OWNER, "restore_row", OneRow(), TableRow(), (RowUnknown,))
