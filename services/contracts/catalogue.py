"""Booking's words on the wire: the catalogue of packages."""

from marshmallow import fields, validate

from services.contracts.errors import NotFound
from services.contracts.fields import Cents, Contract, Currency, Minutes, Words
from services.contracts.registry import Rpc
from services.contracts.scheduling import DEFINE_REQUIREMENT, DefineRequirement, RoleLine

OWNER = "booking"


class ServiceUnknown(NotFound):
    code = "booking.service_unknown"
    sentence = {"zh": "没有这个套餐", "en": "There is no such package"}


class Role(RoleLine):
    name = Words(required=True)


class Service(Contract):
    """A package (套餐) as the portal shows it."""

    id = fields.UUID(required=True)
    name = Words(required=True)
    category = Words(required=True)
    summary = Words(required=True)
    content = fields.List(Words(), required=True)
    duration_minutes = Minutes(required=True)
    price_cents = Cents(required=True)
    deposit_cents = Cents(required=True)
    currency = Currency(required=True)
    cover = fields.String(required=True, allow_none=True)
    roles = fields.List(fields.Nested(Role), required=True)


class DefineService(DefineRequirement):
    """A package with what it needs; booking keeps the deal, scheduling the requirement."""

    name = Words(required=True)
    category = Words(required=True)
    summary = Words(required=True)
    content = fields.List(Words(), required=True)
    price_cents = Cents(required=True, validate=validate.Range(min=0))
    deposit_cents = Cents(required=True, validate=validate.Range(min=0))
    currency = Currency(load_default="CNY")
    cover = fields.String(load_default=None, allow_none=True)
    position = fields.Integer(strict=True, load_default=0)


class ListServices(Contract):
    branch_id = fields.UUID(load_default=None, allow_none=True)


class ServiceList(Contract):
    items = fields.List(fields.Nested(Service), required=True)


DEFINE_SERVICE = Rpc(OWNER, "define_service", DefineService(), Service(), DEFINE_REQUIREMENT.errors)
# Of a package that is sold already: booking shows customers some of it, and keeps that up to date.
DEFINE_SERVICE_REQUIREMENT = Rpc(
    OWNER,
    "define_service_requirement",
    DefineRequirement(),
    DefineRequirement(),
    (ServiceUnknown, *DEFINE_REQUIREMENT.errors),
)
LIST_SERVICES = Rpc(OWNER, "list_services", ListServices(), ServiceList())
