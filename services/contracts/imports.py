"""Booking's words on the wire: orders and customers that come in from another system's file.

The shapes name no field of either: what a file of some kind may hold is told with the fields.
"""

from marshmallow import fields, validate

from services.contracts.booking import OWNER
from services.contracts.booking_facts import BookingFact
from services.contracts.errors import Conflict, Invalid, NotFound
from services.contracts.fields import Cents, Contract, Currency, Instant, Line, Words
from services.contracts.payments import PaymentFact
from services.contracts.registry import Event, Rpc

MAX_ROWS = 20_000
"""Rows of one file; four years of a busy branch. A larger file is cut into several."""

MAX_COLUMNS = 60
MAX_CELL = 2_000
"""Characters of one cell; the longest notes of orders are shorter."""

PIECE_ROWS = 500
"""Rows of one message: half a megabyte where every one of them is long."""

STATES = (
    "receiving",
    "received",
    "checking",
    "checked",
    "running",
    "done",
    "undoing",
    "undone",
)
ROW_STATES = ("new", "good", "bad", "done", "undone", "kept")
KINDS = ("text", "phone", "moment", "clock", "minutes", "money", "number", "choice")
"""What a column holds."""

FILE_KINDS = ("orders", "customers")
"""What a file holds."""


class ImportUnknown(NotFound):
    code = "import.unknown"
    sentence = {"zh": "没有找到该导入", "en": "There is no such import"}


class ImportRefused(Conflict):
    """Shapes:  details["state"], in which this cannot be done."""

    code = "import.refused"
    sentence = {
        "zh": "导入当前状态不允许此操作",
        "en": "The import's state does not allow this",
    }


class ImportEmpty(Conflict):
    code = "import.empty"
    sentence = {"zh": "没有可以导入的行", "en": "There is no row that could be imported"}


class ImportTouched(Conflict):
    """Something has happened to orders since: money, a move. Customers are kept one by one.

    Shapes:  details["count"].
    """

    code = "import.touched"
    sentence = {
        "zh": "部分导入的订单之后有过变动，不能整批撤销",
        "en": "Some of the imported orders have changed since, so the import cannot be undone",
    }


class ImportField(Contract):
    """What a column may hold; `example` is how a template shows it."""

    name = fields.String(required=True)
    label = Words(required=True)
    kind = fields.String(required=True, validate=validate.OneOf(KINDS))
    required = fields.Boolean(required=True)
    example = Words(required=True)


class ListImportFields(Contract):
    kind = fields.String(load_default="orders", validate=validate.OneOf(FILE_KINDS))


class ImportFields(Contract):
    items = fields.List(fields.Nested(ImportField), required=True)


class Mapping(Contract):
    """What the columns of a file mean.

    Shapes:  `columns` = {field: its column, from 0}; `values` = {field: {text of a cell: what it
             means}} for fields of kind choice; `defaults` = {field: what is meant where a row says
             nothing}.
    """

    columns = fields.Dict(
        keys=fields.String(),
        values=fields.Integer(strict=True, validate=validate.Range(0, MAX_COLUMNS - 1)),
        required=True,
    )
    values = fields.Dict(
        keys=fields.String(),
        values=fields.Dict(
            keys=fields.String(validate=validate.Length(max=MAX_CELL)),
            values=fields.String(validate=validate.Length(max=80)),
            validate=validate.Length(max=1_000),
        ),
        load_default=dict,
    )
    defaults = fields.Dict(
        keys=fields.String(),
        values=fields.String(validate=validate.Length(max=80)),
        load_default=dict,
    )


class ImportItem(Contract):
    """How an import stands.

    Of `rows` some are `checked`; those are `good` or `bad`. Of the good ones `done` have taken
    effect, of which `undone` were taken back; `kept` had changed meanwhile and stay. `known` of the
    good ones are of customers who are here already; of orders none are. The sums are those of the
    good rows: `total_cents` is what orders cost, or the stored value that customers bring.
    """

    id = fields.UUID(required=True)
    name = fields.String(required=True)
    kind = fields.String(required=True, validate=validate.OneOf(FILE_KINDS))
    state = fields.String(required=True, validate=validate.OneOf(STATES))
    rows = fields.Integer(required=True, strict=True)
    checked = fields.Integer(required=True, strict=True)
    good = fields.Integer(required=True, strict=True)
    bad = fields.Integer(required=True, strict=True)
    known = fields.Integer(required=True, strict=True)
    done = fields.Integer(required=True, strict=True)
    undone = fields.Integer(required=True, strict=True)
    kept = fields.Integer(required=True, strict=True)
    total_cents = Cents(required=True)
    paid_cents = Cents(required=True)
    points = fields.Integer(required=True, strict=True)
    currency = Currency(required=True)
    created_at = Instant(required=True)
    finished_at = Instant(required=True, allow_none=True)


class Import(ImportItem):
    """An import with its file's columns, its first rows, and the mapping: staff's or a guess."""

    columns = fields.List(fields.String(), required=True)
    sample = fields.List(fields.List(fields.String()), required=True)
    mapping = fields.Nested(Mapping, required=True)


class ImportPage(Contract):
    items = fields.List(fields.Nested(ImportItem), required=True)
    next_cursor = fields.String(required=True, allow_none=True)


class OneImport(Contract):
    import_id = fields.UUID(required=True)


class StartImport(OneImport):
    name = Line(required=True, validate=validate.Length(min=1, max=200))
    columns = fields.List(
        fields.String(validate=validate.Length(max=MAX_CELL)),
        required=True,
        validate=validate.Length(min=1, max=MAX_COLUMNS),
    )
    kind = fields.String(load_default="orders", validate=validate.OneOf(FILE_KINDS))
    staff_id = fields.UUID(required=True)


class FileRow(Contract):
    """A row with the line of the file on which people find it."""

    line = fields.Integer(required=True, strict=True, validate=validate.Range(min=1))
    cells = fields.List(
        fields.String(validate=validate.Length(max=MAX_CELL)),
        required=True,
        validate=validate.Length(max=MAX_COLUMNS),
    )


class AddImportRows(OneImport):
    """The next rows of a file; the same ones may come again. `last` says that it has no more."""

    rows = fields.List(
        fields.Nested(FileRow), required=True, validate=validate.Length(max=PIECE_ROWS)
    )
    last = fields.Boolean(required=True)


class ListImports(Contract):
    cursor = fields.String(load_default=None, allow_none=True, validate=validate.Length(max=200))
    limit = fields.Integer(load_default=20, validate=validate.Range(1, 100))


class ListImportValues(OneImport):
    """Which field of kind choice, and the column that it would be read from."""

    field = fields.String(required=True)
    column = fields.Integer(
        load_default=None, allow_none=True, validate=validate.Range(0, MAX_COLUMNS - 1)
    )


class ImportChoice(Contract):
    id = fields.String(required=True)
    label = Words(required=True)


class ImportValue(Contract):
    """A text that stands in so many cells, and what it means as far as that is known."""

    text = fields.String(required=True)
    count = fields.Integer(required=True, strict=True)
    meaning = fields.String(required=True, allow_none=True)


class ImportValues(Contract):
    """What a field may mean, and what a column says; of many texts only the most frequent."""

    choices = fields.List(fields.Nested(ImportChoice), required=True)
    items = fields.List(fields.Nested(ImportValue), required=True)


class MapImport(OneImport, Mapping):
    pass


class ListImportRows(OneImport):
    """Rows in the order of the file, those after a line."""

    state = fields.String(load_default=None, allow_none=True, validate=validate.OneOf(ROW_STATES))
    after = fields.Integer(load_default=0, validate=validate.Range(min=0))
    limit = fields.Integer(load_default=50, validate=validate.Range(1, PIECE_ROWS))


class CellError(Contract):
    """What is wrong with a cell, or with the row as a whole where `column` is null."""

    field = fields.String(required=True)
    column = fields.Integer(required=True, strict=True, allow_none=True)
    code = fields.String(required=True)
    message = Words(required=True)


class ImportRow(Contract):
    """A row, and the booking or the customer that came of it; `known`, they were here before."""

    line = fields.Integer(required=True, strict=True)
    state = fields.String(required=True, validate=validate.OneOf(ROW_STATES))
    cells = fields.List(fields.String(), required=True)
    errors = fields.List(fields.Nested(CellError), required=True)
    known = fields.Boolean(required=True)
    booking_id = fields.UUID(required=True, allow_none=True)
    customer_id = fields.UUID(required=True, allow_none=True)


class ImportRows(Contract):
    """`next_after` is the line to go on from, or null at the end."""

    items = fields.List(fields.Nested(ImportRow), required=True)
    next_after = fields.Integer(required=True, strict=True, allow_none=True)


class Empty(Contract):
    pass


STATED = (ImportUnknown, ImportRefused)

LIST_IMPORT_FIELDS = Rpc(OWNER, "list_import_fields", ListImportFields(), ImportFields())
START_IMPORT = Rpc(OWNER, "start_import", StartImport(), ImportItem(), (ImportRefused,))
ADD_IMPORT_ROWS = Rpc(OWNER, "add_import_rows", AddImportRows(), ImportItem(), STATED)
GET_IMPORT = Rpc(OWNER, "get_import", OneImport(), Import(), (ImportUnknown,))
LIST_IMPORTS = Rpc(OWNER, "list_imports", ListImports(), ImportPage())
LIST_IMPORT_VALUES = Rpc(
    OWNER, "list_import_values", ListImportValues(), ImportValues(), (ImportUnknown, Invalid)
)
MAP_IMPORT = Rpc(OWNER, "map_import", MapImport(), Import(), (*STATED, Invalid))
LIST_IMPORT_ROWS = Rpc(OWNER, "list_import_rows", ListImportRows(), ImportRows(), (ImportUnknown,))
RUN_IMPORT = Rpc(OWNER, "run_import", OneImport(), Import(), (*STATED, ImportEmpty))
UNDO_IMPORT = Rpc(OWNER, "undo_import", OneImport(), Import(), (*STATED, ImportTouched))
REMOVE_IMPORT = Rpc(OWNER, "remove_import", OneImport(), Empty(), STATED)


class BookingImported(BookingFact):
    """An appointment of the past; `ended_at` is when it was served, missed or cancelled."""

    ended_at = Instant(required=True)


# What was imported happened elsewhere and long ago: whoever would write to customers because of
# it, as automation does, must not hear of it.
RECORDERS = ("crm", "analytics")

BOOKING_IMPORTED = Event("booking.imported", OWNER, BookingImported(), "booking_id", RECORDERS)
BOOKING_RETRACTED = Event("booking.retracted", OWNER, BookingFact(), "booking_id", RECORDERS)
PAYMENT_IMPORTED = Event("payment.imported", OWNER, PaymentFact(), "booking_id", RECORDERS)
PAYMENT_RETRACTED = Event("payment.retracted", OWNER, PaymentFact(), "booking_id", RECORDERS)
