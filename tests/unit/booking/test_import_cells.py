"""Dates, money and phones as people write them in files."""

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.booking import phones
from services.booking.domain.imports import cells

SHANGHAI = ZoneInfo("Asia/Shanghai")
AT = datetime(2025, 3, 1, 14, 30, tzinfo=SHANGHAI)

DATES = (
    "{0:%Y-%m-%d}", "{0:%Y/%m/%d}", "{0.year}.{0.month}.{0.day}", "{0.year}年{0.month}月{0.day}日",
    "{0.year} 年 {0.month} 月 {0.day} 号", "{0:%Y%m%d}", "{0:%b} {0.day}, {0.year}",
    "{0.day} {0:%B} {0.year}", "{0.year}-{0.month}-{0.day}",
)  # fmt: skip
CLOCKS = (
    "{0:%H:%M}", "{0:%H:%M:%S}", "{0.hour}：{0:%M}", "{0.hour}点{0.minute}分",
    "{0.hour}时{0.minute}",
    "{0:%I:%M %p}", "{half}{twelve}点{0.minute}分", "{half} {twelve}:{0:%M}",
)  # fmt: skip
moments = st.datetimes(datetime(1990, 1, 1), datetime(2099, 12, 31)).map(
    lambda at: at.replace(second=0, microsecond=0, tzinfo=SHANGHAI)
)


def clock_of(at: datetime, notation: str) -> str:
    half = "下午" if at.hour >= 12 else "上午"
    return notation.format(at, half=half, twelve=at.hour % 12 or 12)


@given(moments, st.sampled_from(DATES), st.sampled_from(CLOCKS))
def test_a_moment_is_read_in_each_notation(at: datetime, date: str, clock: str) -> None:
    text = f"{date.format(at)} {clock_of(at, clock)}"
    assert cells.read_moment(text, "", SHANGHAI) == (at, None), text


@given(moments, st.sampled_from(DATES), st.sampled_from(CLOCKS))
def test_date_and_time_may_stand_in_two_columns(at: datetime, date: str, clock: str) -> None:
    assert cells.read_moment(date.format(at), clock_of(at, clock), SHANGHAI) == (at, None)


@given(moments)
def test_a_number_of_excel_is_the_moment_that_it_shows(at: datetime) -> None:
    serial = (at.replace(tzinfo=None) - datetime(1899, 12, 30)) / timedelta(days=1)
    found = cells.read_moment(f"{serial:.15g}", "", SHANGHAI)
    assert found is not None
    # A whole number is a date alone, and counts as noon.
    assert found[0] == (at if serial % 1 else at.replace(hour=12, minute=0))


@given(moments, st.integers(-14 * 60, 14 * 60))
def test_an_offset_counts_more_than_the_branch(at: datetime, offset: int) -> None:
    sign, (hours, minutes) = "-" if offset < 0 else "+", divmod(abs(offset), 60)
    text = f"{at:%Y-%m-%dT%H:%M:%S}{sign}{hours:02}:{minutes:02}"
    wall = at.replace(tzinfo=UTC)
    assert cells.read_moment(text, "", SHANGHAI) == (wall - timedelta(minutes=offset), None)


@given(st.text(max_size=30))
def test_any_text_is_read_or_refused_and_breaks_nothing(text: str) -> None:
    found = cells.read_moment(text, "", SHANGHAI)
    assert found is None or 1989 <= found[0].astimezone(UTC).year <= 2100
    cells.read_clock(text)
    cents, minutes = cells.read_cents(text), cells.read_minutes(text)
    assert cents is None or 0 <= cents <= cells.MOST_CENTS
    assert minutes is None or 0 < minutes <= cells.MOST_MINUTES


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2025年3月1日 下午2点半", AT),
        ("2025年3月1日(星期六)下午2点半", AT),
        ("2025-03-01 周六 14：30", AT),
        ("25年3月1日 下午2:30", AT),
        ("２０２５／３／１ １４：３０", AT),
        ("2025年3月1日 凌晨12点30分", AT.replace(hour=0)),
        ("2025-03-01 中午12点", AT.replace(hour=12, minute=0)),
        ("2025-03-01 中午1点", AT.replace(hour=13, minute=0)),
        ("2025-03-01 12:00 AM", AT.replace(hour=0, minute=0)),
        ("2025-03-01", AT.replace(hour=12, minute=0)),
    ],
)
def test_chinese_ways_to_say_when(text: str, expected: datetime) -> None:
    assert cells.read_moment(text, "", SHANGHAI) == (expected, None)


@pytest.mark.parametrize(
    "text",
    [
        "3/4/2025", "04-03-2025", "2025-13-01", "2025-02-30", "昨天", "2025", "1899-01-01",
        "2025-03-01 25:00", "2025-03-01 9", "2025-03-01 14:00 x", "2025-03-01 晚上12点", "0", "-1",
        "2025/03-01", "99999.5",
    ],
)  # fmt: skip
def test_what_could_mean_two_things_or_none_is_not_read(text: str) -> None:
    assert cells.read_moment(text, "", SHANGHAI) is None


@pytest.mark.parametrize(
    ("text", "minutes"),
    [
        ("2025-03-01 14:30-16:00", 90),
        ("2025-03-01 14:30～16:00", 90),
        ("2025年3月1日 下午2点半至4点", 90),
        ("2025-03-01 14:30-13:00", None),
    ],
)
def test_a_span_tells_the_length(text: str, minutes: int | None) -> None:
    assert cells.read_moment(text, "", SHANGHAI) == (AT, minutes)


def test_a_part_of_a_day_is_a_time() -> None:
    assert cells.read_clock("0.604166666666667") == (time(14, 30), None)


@given(st.integers(0, cells.MOST_CENTS))
def test_money_is_read_to_the_cent(cents: int) -> None:
    yuan = f"{cents // 100}.{cents % 100:02}"
    grouped = f"{cents // 100:,}.{cents % 100:02}"
    for text in (yuan, grouped, f"¥{grouped}", f"￥ {yuan}", f"{yuan}元", f"RMB {yuan}"):
        assert cells.read_cents(text) == cents, text


@pytest.mark.parametrize(
    ("text", "cents"),
    [
        ("3999", 399_900),
        ("３，９９９．５", 399_950),
        ("1.2万", 1_200_000),
        ("12.", 1_200),
        ("3,999元整", 399_900),
        ("-5", None),
        ("(500)", None),
        ("3999.005", None),
        ("3.999,00", None),
        ("1,2", None),
        ("12,34,567", None),
        ("免费", None),
        ("1e3", None),
        ("1000001", None),
    ],
)
def test_an_amount_is_exact_or_it_is_none(text: str, cents: int | None) -> None:
    assert cells.read_cents(text) == cents


@pytest.mark.parametrize(
    ("text", "minutes"),
    [
        ("120", 120), ("120.0", 120), ("2小时", 120), ("1.5h", 90), ("1小时30分", 90),
        ("90 分钟", 90), ("2:30", 150), ("3 hours", 180), ("0", None), ("", None), ("半天", None),
        ("25小时", None),
    ],
)  # fmt: skip
def test_lengths(text: str, minutes: int | None) -> None:
    assert cells.read_minutes(text) == minutes


mobiles = st.integers(130_0000_0000, 139_9999_9999).map(str)
SPELLINGS = (
    "{0}", "{0}.0", "'{0}", "{1} {2} {3}", "{1}-{2}-{3}", "+86{0}", "+86 {0}", "0086{0}", "86-{0}",
    "（+86）{0}", "{0}/13900139000", "{0}、13900139000",
)  # fmt: skip


@given(mobiles, st.sampled_from(SPELLINGS))
def test_a_phone_is_read_as_people_write_it(mobile: str, spelling: str) -> None:
    text = spelling.format(mobile, mobile[:3], mobile[3:7], mobile[7:])
    assert phones.normalise(cells.read_phone(text)) == f"+86{mobile}"


@pytest.mark.parametrize(
    ("text", "points"),
    [
        ("120", 120), ("1,200", 1_200), ("120.00", 120), ("１２０ 积分", 120), ("0", 0),
        ("50 pts", 50), ("1.5", None), ("-5", None), ("viele", None), ("", None),
        ("100000001", None),
    ],
)  # fmt: skip
def test_points_are_whole_and_never_less_than_none(text: str, points: int | None) -> None:
    assert cells.read_points(text) == points
