"""Figures of the business, within the branches that the asking staff see."""

from typing import Any

from gateway.auth import staff_with
from gateway.http import Area, Call, route
from services.contracts import analytics
from services.contracts.fields import Contract


class MeasureQuery(analytics.MetricQuery):
    """Local days `from` to `to`, both included."""

    class Meta(Contract.Meta):
        exclude = ("name", "branch_ids")


class Metrics(Area):
    @route(
        "GET",
        "/api/v1/metrics",
        zh="指标目录",
        en="List the metrics",
        tag="metrics",
        calls=(analytics.LIST_METRICS,),
        admission=staff_with("metric.read"),
    )
    def list_metrics(self, call: Call) -> Any:
        return self.analytics.list_metrics()

    @route(
        "GET",
        "/api/v1/metrics/<name>",
        zh="查询指标",
        en="Measure",
        tag="metrics",
        query=MeasureQuery(),
        calls=(analytics.MEASURE,),
        admission=staff_with("metric.read"),
    )
    def measure(self, call: Call, name: str) -> Any:
        return self.analytics.measure(name=name, branch_ids=call.branch_ids, **call.query)
