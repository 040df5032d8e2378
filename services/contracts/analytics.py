"""Analytics' words on the wire: the metric dictionary and its answers."""

from marshmallow import fields, validate

from services.contracts.errors import Invalid, NotFound
from services.contracts.fields import Contract, Figure, Words
from services.contracts.registry import Rpc

OWNER = "analytics"
UNITS = ("count", "cents", "minutes", "ratio")


class MetricUnknown(NotFound):
    code = "analytics.metric_unknown"
    sentence = {"zh": "没有这个指标", "en": "There is no such metric"}


class RangeInvalid(Invalid):
    code = "analytics.range_invalid"
    sentence = {"zh": "日期范围无效", "en": "The range of dates is not valid"}


class Metric(Contract):
    name = fields.String(required=True)
    title = Words(required=True)
    description = Words(required=True)
    unit = fields.String(required=True, validate=validate.OneOf(UNITS))


class MetricList(Contract):
    items = fields.List(fields.Nested(Metric), required=True)


class MetricQuery(Contract):
    """`from` and `to` are inclusive local dates in the zone of each fact's branch."""

    name = fields.String(required=True)
    from_ = fields.Date(required=True, data_key="from")
    to = fields.Date(required=True)
    branch_id = fields.UUID(load_default=None, allow_none=True)
    branch_ids = fields.List(fields.UUID(), load_default=None, allow_none=True)
    by = fields.String(load_default=None, allow_none=True, validate=validate.OneOf(["day"]))


class MetricPoint(Contract):
    on = fields.Date(required=True)
    value = Figure(required=True, allow_none=True)


class MetricAnswer(Contract):
    """`value` is null for a ratio whose denominator is nought."""

    name = fields.String(required=True)
    unit = fields.String(required=True)
    from_ = fields.Date(required=True, data_key="from")
    to = fields.Date(required=True)
    value = Figure(required=True, allow_none=True)
    series = fields.List(fields.Nested(MetricPoint), required=True)


class Empty(Contract):
    """Nothing."""


LIST_METRICS = Rpc(OWNER, "list_metrics", Empty(), MetricList())
MEASURE = Rpc(OWNER, "measure", MetricQuery(), MetricAnswer(), (MetricUnknown, RangeInvalid))
