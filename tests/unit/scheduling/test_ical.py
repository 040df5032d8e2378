"""Reading busy times from iCalendar files, and writing a feed."""

import itertools
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
import vobject
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from services.scheduling import ical
from services.scheduling.domain import feeds
from services.scheduling.domain.feeds import FeedUnreadable
from services.scheduling.domain.spans import Span

NOW = datetime(2026, 3, 20, 15, tzinfo=UTC)
SHANGHAI, BERLIN, NEW_YORK = "Asia/Shanghai", "Europe/Berlin", "America/New_York"


def event(*lines: str, uid: str = "1") -> str:
    return "\r\n".join(("BEGIN:VEVENT", f"UID:{uid}", *lines, "END:VEVENT"))


def file(*components: str) -> bytes:
    text = ("BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//test//", *components, "END:VCALENDAR")
    return ("\r\n".join(text) + "\r\n").encode()


def busy(*components: str, zone: str = SHANGHAI, now: datetime = NOW) -> list[tuple[str, str]]:
    """Return the busy times by the wall clock of a zone."""
    found = ical.busy_times(file(*components), zone=zone, within=feeds.window(now))
    local = ZoneInfo(zone)
    return [
        (f"{span.start.astimezone(local):%m-%d %H:%M}", f"{span.end.astimezone(local):%m-%d %H:%M}")
        for span in found
    ]


def reason(content: bytes) -> str:
    with pytest.raises(FeedUnreadable) as refused:
        ical.busy_times(content, zone=SHANGHAI, within=feeds.window(NOW))
    return str(refused.value)


# --- what makes one busy


def test_an_event_makes_its_time_busy():
    times = event("DTSTART:20260401T010000Z", "DTEND:20260401T023000Z")
    assert busy(times) == [("04-01 09:00", "04-01 10:30")]


def test_a_duration_does_as_well_as_an_end():
    assert busy(event("DTSTART:20260401T010000Z", "DURATION:PT90M")) == [
        ("04-01 09:00", "04-01 10:30")
    ]


@pytest.mark.parametrize("line", ["TRANSP:TRANSPARENT", "STATUS:CANCELLED", "status:cancelled"])
def test_what_is_cancelled_or_does_not_count_leaves_one_free(line):
    assert busy(event("DTSTART:20260401T010000Z", "DTEND:20260401T020000Z", line)) == []


def test_a_tentative_event_makes_one_busy():
    assert busy(event("DTSTART:20260401T010000Z", "DTEND:20260401T020000Z", "STATUS:TENTATIVE"))


def test_an_event_without_length_makes_nobody_busy():
    assert busy(event("DTSTART:20260401T010000Z")) == []


def test_a_calendar_without_events_is_read():
    assert busy() == []


def test_our_own_events_shown_elsewhere_make_nobody_busy():
    times = ("DTSTART:20260401T010000Z", "DTEND:20260401T020000Z")
    assert busy(event(*times, uid=f"b.r{ical.OWN_UIDS}")) == []


def test_times_that_overlap_or_touch_become_one():
    assert busy(
        event("DTSTART:20260401T030000Z", "DTEND:20260401T040000Z", uid="c"),
        event("DTSTART:20260401T010000Z", "DTEND:20260401T023000Z", uid="a"),
        event("DTSTART:20260401T020000Z", "DTEND:20260401T030000Z", uid="b"),
        event("DTSTART:20260401T050000Z", "DTEND:20260401T060000Z", uid="d"),
    ) == [("04-01 09:00", "04-01 12:00"), ("04-01 13:00", "04-01 14:00")]


def test_several_calendars_in_one_file_all_count():
    one = event("DTSTART:20260401T010000Z", "DTEND:20260401T020000Z")
    two = event("DTSTART:20260402T010000Z", "DTEND:20260402T020000Z")
    content = file(one) + file(two)
    assert len(ical.busy_times(content, zone=SHANGHAI, within=feeds.window(NOW))) == 2


def test_two_events_of_one_name_both_count():
    assert busy(
        event("DTSTART:20260401T010000Z", "DTEND:20260401T020000Z"),
        event("DTSTART:20260402T010000Z", "DTEND:20260402T020000Z"),
    ) == [("04-01 09:00", "04-01 10:00"), ("04-02 09:00", "04-02 10:00")]


# --- whose clock


def test_a_day_long_event_covers_the_local_day():
    assert busy(event("DTSTART;VALUE=DATE:20260401", "DTEND;VALUE=DATE:20260403")) == [
        ("04-01 00:00", "04-03 00:00")
    ]


def test_a_day_long_event_without_an_end_covers_one_day():
    assert busy(event("DTSTART;VALUE=DATE:20260401")) == [("04-01 00:00", "04-02 00:00")]


def test_the_day_on_which_the_clock_changes_has_23_hours():
    (span,) = ical.busy_times(
        file(event("DTSTART;VALUE=DATE:20260329")), zone=BERLIN, within=feeds.window(NOW)
    )
    assert span.end - span.start == timedelta(hours=23)


def test_a_time_without_a_zone_is_the_branchs():
    floating = event("DTSTART:20260401T090000", "DTEND:20260401T100000")
    assert busy(floating, zone=NEW_YORK) == [("04-01 09:00", "04-01 10:00")]


def test_a_time_in_a_zone_is_that_zones():
    berlin = event(f"DTSTART;TZID={BERLIN}:20260401T090000", f"DTEND;TZID={BERLIN}:20260401T100000")
    assert busy(berlin) == [("04-01 15:00", "04-01 16:00")]


def test_the_zone_names_of_windows_are_understood():
    times = ("DTSTART;TZID=China Standard Time:20260401T090000", "DURATION:PT1H")
    assert busy(event(*times), zone=BERLIN) == [("04-01 03:00", "04-01 04:00")]


def test_a_zone_that_the_file_defines_itself_is_believed():
    zone = (
        "BEGIN:VTIMEZONE",
        "TZID:Mine",
        "BEGIN:STANDARD",
        "DTSTART:19700101T000000",
        "TZOFFSETFROM:+0300",
        "TZOFFSETTO:+0300",
        "END:STANDARD",
        "END:VTIMEZONE",
    )
    times = event("DTSTART;TZID=Mine:20260401T090000", "DTEND;TZID=Mine:20260401T100000")
    assert busy(*zone, times) == [("04-01 14:00", "04-01 15:00")]


# --- recurrence


def test_a_weekly_event_keeps_its_wall_clock_time_when_the_clock_changes():
    weekly = event(
        f"DTSTART;TZID={NEW_YORK}:20260302T100000",
        f"DTEND;TZID={NEW_YORK}:20260302T110000",
        "RRULE:FREQ=WEEKLY;COUNT=4",
        f"EXDATE;TZID={NEW_YORK}:20260309T100000",
        uid="weekly",
    )
    found = ical.busy_times(
        file(weekly),
        zone=SHANGHAI,
        within=feeds.window(datetime(2026, 3, 1, tzinfo=UTC)),
    )
    # New York's clocks went forward on 8 March 2026.
    assert [span.start for span in found] == [
        datetime(2026, 3, 2, 15, tzinfo=UTC),
        datetime(2026, 3, 16, 14, tzinfo=UTC),
        datetime(2026, 3, 23, 14, tzinfo=UTC),
    ]


def test_an_occurrence_may_be_moved_and_another_cancelled():
    daily = event("DTSTART:20260401T010000Z", "DTEND:20260401T020000Z", "RRULE:FREQ=DAILY;COUNT=3")
    moved = event(
        "RECURRENCE-ID:20260402T010000Z", "DTSTART:20260402T050000Z", "DTEND:20260402T060000Z"
    )
    cancelled = event(
        "RECURRENCE-ID:20260403T010000Z",
        "DTSTART:20260403T010000Z",
        "DTEND:20260403T020000Z",
        "STATUS:CANCELLED",
    )
    assert busy(daily, moved, cancelled) == [
        ("04-01 09:00", "04-01 10:00"),
        ("04-02 13:00", "04-02 14:00"),
    ]


def test_single_dates_may_be_added():
    extra = event("DTSTART:20260401T010000Z", "DTEND:20260401T020000Z", "RDATE:20260405T010000Z")
    assert [start for start, _ in busy(extra)] == ["04-01 09:00", "04-05 09:00"]


def test_an_event_that_recurs_for_ever_is_read_to_the_end_of_the_window():
    birthday = event("DTSTART;VALUE=DATE:16040601", "RRULE:FREQ=YEARLY")
    assert busy(birthday) == [("06-01 00:00", "06-02 00:00")]


def test_only_the_window_counts_and_cuts_what_reaches_out_of_it():
    inside = feeds.window(NOW)
    found = ical.busy_times(
        file(
            event("DTSTART:20260101T000000Z", "DTEND:20260102T000000Z", uid="past"),
            event("DTSTART:20200101T000000Z", "DTEND:20260320T000000Z", uid="since long"),
            event("DTSTART:20270401T000000Z", "DTEND:20300101T000000Z", uid="for long"),
            event("DTSTART:20280101T000000Z", "DTEND:20280102T000000Z", uid="far away"),
        ),
        zone=SHANGHAI,
        within=inside,
    )
    assert found == [
        Span(inside.start, datetime(2026, 3, 20, tzinfo=UTC)),
        Span(datetime(2027, 4, 1, tzinfo=UTC), inside.end),
    ]


# --- what is refused

TIMES = ("DTSTART:20260401T010000Z", "DTEND:20260401T020000Z")


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"<!doctype html><title>404</title>",
        b"\x89PNG\r\n\x1a\n",
        b"BEGIN:VEVENT\r\nEND:VEVENT\r\n",
    ],
)
def test_what_is_not_a_calendar_is_refused(content):
    assert "not a calendar file" in reason(content)


def test_half_a_file_is_refused():
    assert "not complete" in reason(file(event(*TIMES))[:-20])


@pytest.mark.parametrize(
    "lines",
    [
        ("DTSTART:hello",),
        ("DTEND:20260401T010000Z",),
        (*TIMES, "RRULE:FREQ=NEVER"),
        (*TIMES, "RRULE:BYDAY=MO"),
        (*TIMES, "RRULE:FREQ=DAILY;UNTIL=later"),
        (*TIMES, "EXDATE:yesterday"),
        (*TIMES, "RECURRENCE-ID:once"),
        ("DTSTART:20260401T010000Z", "DTSTART:20260402T010000Z", "DURATION:PT1H"),
        ("DTSTART:20260401T010000Z/PT1H",),
    ],
)
def test_an_event_whose_time_makes_no_sense_is_not_left_out_silently(lines):
    assert "broken" in reason(file(event(*lines)))


def test_other_nonsense_does_not_matter():
    assert busy(event(*TIMES, "GEO:somewhere", "THIS IS NOT A LINE", "CREATED:long ago"))


@pytest.mark.parametrize(
    "rule",
    [
        "FREQ=SECONDLY",
        "FREQ=MINUTELY",
        "FREQ=DAILY;INTERVAL=0",
        "FREQ=DAILY;INTERVAL=-1",
        "FREQ=DAILY;BYHOUR=" + ",".join(map(str, range(24))) + ";BYMINUTE=0,10,20,30,40,50",
    ],
)
def test_a_rule_that_would_take_for_ever_is_refused(rule):
    assert "recurs too often" in reason(file(event(*TIMES, f"RRULE:{rule}")))


def test_a_rule_that_never_comes_true_ends_the_reading(monkeypatch):
    monkeypatch.setattr(ical, "READING_SECONDS", 0.001)
    never = "RRULE:FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30"
    events = [event(*TIMES, never, uid=str(number)) for number in range(50)]
    assert "holds too much" in reason(file(*events))


def test_too_many_busy_times_are_refused(monkeypatch):
    monkeypatch.setattr(ical, "MAX_BUSY_TIMES", 20)
    daily = event("DTSTART:20260401T000000Z", "DURATION:PT30M", "RRULE:FREQ=DAILY;COUNT=21")
    assert "more than 20" in reason(file(daily))


@settings(max_examples=150, suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(
    st.lists(
        st.sampled_from(
            [
                "DTSTART:20260401T010000Z",
                "DTSTART;VALUE=DATE:20260401",
                "DTSTART;TZID=Europe/Berlin:20260329T023000",
                "DTEND:20260401T020000Z",
                "DTEND;VALUE=DATE:20260331",
                "DURATION:-PT1H",
                "DURATION:P1W",
                "RRULE:FREQ=WEEKLY;BYDAY=MO,XX",
                "RRULE:FREQ=MONTHLY;BYDAY=-1FR;UNTIL=20270101",
                "RRULE:FREQ=DAILY;COUNT=-5",
                "RDATE;VALUE=PERIOD:20260405T010000Z/PT5H",
                "EXDATE;VALUE=DATE:20260401",
                "RECURRENCE-ID;RANGE=THISANDFUTURE:20260408T010000Z",
                "SEQUENCE:many",
                "BEGIN:VALARM",
                "END:VALARM",
                "END:VEVENT",
                "BEGIN:VEVENT",
            ]
        )
        | st.text(max_size=20),
        max_size=8,
    )
)
def test_whatever_comes_it_is_read_or_refused(lines):
    try:
        found = ical.busy_times(file(event(*lines)), zone=BERLIN, within=feeds.window(NOW))
    except FeedUnreadable:
        return
    within = feeds.window(NOW)
    assert all(within.start <= span.start < span.end <= within.end for span in found)
    assert all(one.end < next.start for one, next in itertools.pairwise(found))


# --- how often, how far


def test_a_calendar_is_read_every_quarter_of_an_hour_and_more_rarely_while_it_fails():
    pauses = [feeds.next_reading(NOW, failures) - NOW for failures in (0, 1, 2, 3, 4, 5, 6, 1000)]
    minutes = [pause.total_seconds() / 60 for pause in pauses]
    assert minutes == [15, 15, 30, 60, 120, 240, 360, 360]


def test_within_a_day_the_window_stays():
    assert feeds.window(NOW) == feeds.window(NOW + timedelta(hours=8))
    assert feeds.window(NOW).start <= NOW - timedelta(days=1)
    assert feeds.window(NOW) != feeds.window(NOW + timedelta(hours=9))


def test_once_a_day_an_unchanged_calendar_is_read_too():
    assert feeds.may_be_unchanged(NOW, NOW - timedelta(hours=15))
    assert not feeds.may_be_unchanged(NOW, NOW - timedelta(hours=16))
    assert not feeds.may_be_unchanged(NOW, None)


# --- the feed


@pytest.fixture
def entry() -> Callable[..., ical.Entry]:
    def make(**values: object) -> ical.Entry:
        times = {"start": NOW, "end": NOW + timedelta(hours=1)}
        about = {"uid": f"1{ical.OWN_UIDS}", "sequence": 0, "summary": "预约 (Booking)"}
        return ical.Entry(**{**times, **about, **values})  # type: ignore[arg-type]

    return make


def test_a_feed_is_read_by_another_library(entry):
    long = "一二三四五六七八九十，；\\" * 12 + "\nsecond line"
    text = ical.write_feed(
        "影期 · 外滩店",
        [
            entry(
                sequence=3,
                start=NOW.astimezone(ZoneInfo(SHANGHAI)),
                summary=long,
                location="外滩店; 一楼",
                url="https://studio.test/console/bookings?booking=1",
                tentative=True,
                created_at=NOW,
            )
        ],
        now=NOW,
    )
    calendar = vobject.readOne(text)
    shown = calendar.vevent
    assert calendar.x_wr_calname.value == "影期 · 外滩店"
    assert shown.uid.value == "1@scheduling.yingqi"
    assert shown.sequence.value == "3"
    assert shown.dtstart.value == NOW
    assert shown.dtend.value == NOW + timedelta(hours=1)
    assert shown.dtstamp.value == NOW
    assert shown.created.value == NOW
    assert shown.status.value == "TENTATIVE"
    assert shown.summary.value == long
    assert shown.location.value == "外滩店; 一楼"
    assert shown.url.value == "https://studio.test/console/bookings?booking=1"


def test_a_feed_is_written_as_the_standard_wants_it(entry):
    text = ical.write_feed("影期", [entry(summary="长" * 100)], now=NOW)
    assert "REFRESH-INTERVAL;VALUE=DURATION:PT15M\r\n" in text
    assert "X-PUBLISHED-TTL:PT15M\r\n" in text
    assert "BEGIN:VTIMEZONE" not in text
    assert "DTSTART:20260320T150000Z\r\n" in text
    assert text.replace("\r\n", "").isprintable()  # every line ends in both characters
    assert all(len(line.encode()) <= 75 for line in text.split("\r\n"))


def test_an_empty_feed_is_a_calendar_too():
    assert vobject.readOne(ical.write_feed("影期", [], now=NOW)).version.value == "2.0"
