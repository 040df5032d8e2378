"""The metric dictionary is complete, and its arithmetic is right."""

import re
from datetime import date, timedelta

import pytest

from services.analytics import domain
from services.analytics.domain import METRICS, Count, Quotient, Tally
from services.analytics.models import FACTS
from services.contracts import analytics, booking, scheduling  # noqa: F401  (declare what is heard)
from services.contracts.registry import EVENTS

DAY = date(2026, 11, 25)
PROMISED = {
    "bookings_requested",
    "bookings_confirmed",
    "bookings_cancelled",
    "revenue_cents",
    "new_customers",
    "cancel_rate",
    "conversion_rate",
    "utilisation_rate",
    "idle_minutes",
    "saturation_rate",
}
every_metric = pytest.mark.parametrize("metric", METRICS.values(), ids=METRICS.keys())


def test_the_dictionary_has_every_promised_metric():
    assert set(METRICS) == PROMISED


def test_no_name_is_defined_twice():
    assert len(METRICS) == len(domain._ENTRIES)


@every_metric
def test_every_metric_is_explained_in_both_languages(metric):
    for words in (metric.title, metric.description):
        assert set(words) == {"zh", "en"}
        assert re.search(r"[\u4e00-\u9fff]", words["zh"])
        assert re.search(r"[A-Za-z]{3}", words["en"])
        assert not re.search(r"[\u4e00-\u9fff]", words["en"])


@every_metric
def test_every_ratio_says_its_denominator_in_words(metric):
    assert metric.unit in analytics.UNITS
    assert metric.is_ratio == (metric.unit == "ratio")
    assert metric.is_ratio == all("÷" in metric.description[lang] for lang in ("zh", "en"))


@every_metric
def test_every_metric_counts_columns_that_exist(metric):
    columns = FACTS[metric.fact].__table__.columns
    assert metric.on in columns
    assert metric.measure == Count() or metric.measure.column in columns
    assert not isinstance(metric.measure, Quotient) or metric.measure.by in columns
    assert metric.only is None or metric.only in columns


@every_metric
def test_every_date_that_is_counted_by_leads_an_index(metric):
    indexes = FACTS[metric.fact].__table__.indexes
    assert metric.on in {next(iter(index.columns)).name for index in indexes}


def test_every_moment_belongs_to_a_fact_that_is_heard():
    for event_type in [*domain.MOMENTS, *domain.MONEY]:
        assert "analytics" in EVENTS[event_type].consumers


@pytest.mark.parametrize(
    ("first", "last", "measurable"),
    [
        (DAY, DAY, True),
        (DAY, DAY - timedelta(days=1), False),
        (DAY, DAY + timedelta(days=365), True),
        (DAY, DAY + timedelta(days=366), False),
    ],
)
def test_a_range_has_between_one_day_and_a_leap_year(first, last, measurable):
    assert domain.is_measurable(first, last) is measurable


def test_a_count_is_nought_where_nothing_happened():
    metric, days = METRICS["bookings_requested"], [DAY, DAY + timedelta(days=1)]
    series = domain.series_of(metric, days, {DAY: Tally(numerator=3, denominator=3)})
    assert series == [(days[0], 3), (days[1], 0)]


def test_a_ratio_is_nothing_where_nothing_happened():
    metric, days = METRICS["cancel_rate"], [DAY, DAY + timedelta(days=1)]
    series = domain.series_of(metric, days, {DAY: Tally(numerator=1, denominator=4)})
    assert series == [(days[0], 0.25), (days[1], None)]
    assert domain.value_of(metric, []) is None


def test_a_ratio_of_a_range_weighs_days_by_what_happened_on_them():
    tallies = [Tally(numerator=1, denominator=1), Tally(numerator=0, denominator=9)]
    assert domain.value_of(METRICS["conversion_rate"], tallies) == pytest.approx(0.1)
