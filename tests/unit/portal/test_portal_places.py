"""Places in what customers paste, and the channels by which they come; run by Node."""

import subprocess
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from tests.unit.booking.form_twin import ROOT, Twin, tool

SOURCE = ROOT / "tests" / "vectors" / "portal" / "places.ts"

Ask = Callable[..., Any]


@pytest.fixture(scope="module")
def ask(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ask]:
    script = tmp_path_factory.mktemp("portal") / "places.cjs"
    flags = ["--bundle", "--platform=node", "--format=cjs", "--log-level=warning"]
    subprocess.run([tool("esbuild"), str(SOURCE), *flags, f"--outfile={script}"], check=True)
    twin = Twin(script)
    yield lambda what, **question: twin.ask({"ask": what, **question})
    twin.stop()


GCJ, WGS, BD = ((31.2304, 121.4737, datum) for datum in ("gcj02", "wgs84", "bd09"))
LONDON = (51.5072, -0.1276, "wgs84")

PASTED = [
    # somebody's own words
    ("31.2304,121.4737", WGS),
    (" 31.2304， 121.4737 ", WGS),
    ("31.2304 121.4737", WGS),
    ("北纬31.2304°，东经121.4737°", WGS),
    ("121.4737,31.2304", GCJ),
    ("51.5072,-0.1276", LONDON),
    # Gaode
    ("https://uri.amap.com/marker?position=121.4737,31.2304&name=x", GCJ),
    ("https://uri.amap.com/marker?position=121.4737%2C31.2304&coordinate=wgs84", WGS),
    ("https://uri.amap.com/navigation?from=1,2&to=121.4737,31.2304,end", GCJ),
    (
        "【外滩】https://wb.amap.com/?p=B00155FHUK,31.2304,121.4737,%E5%A4%96%E6%BB%A9,addr 打开",
        GCJ,
    ),
    ("https://www.amap.com/?q=31.2304,121.4737,%E5%A4%96%E6%BB%A9", GCJ),
    ("https://ditu.amap.com/regeo?lng=121.4737&lat=31.2304", GCJ),
    ("iosamap://viewMap?sourceApplication=x&poiname=A&lat=31.2304&lon=121.4737&dev=1", WGS),
    # Baidu
    ("http://api.map.baidu.com/marker?location=31.2304,121.4737&title=x&output=html", BD),
    ("http://api.map.baidu.com/marker?location=31.2304,121.4737&coord_type=gcj02", GCJ),
    ("https://map.baidu.com/?latlng=31.2304,121.4737&title=x", BD),
    ("baidumap://map/marker?location=31.2304,121.4737&coord_type=wgs84", WGS),
    # Tencent
    ("https://apis.map.qq.com/uri/v1/marker?marker=coord:31.2304,121.4737;title:x", GCJ),
    ("https://apis.map.qq.com/uri/v1/geocoder?coord=31.2304,121.4737&referer=a", GCJ),
    ("https://map.qq.com/?type=marker&pointx=121.4737&pointy=31.2304", GCJ),
    ("qqmap://map/routeplan?type=drive&tocoord=31.2304,121.4737", GCJ),
    # Apple and Google: as they draw the country
    ("https://maps.apple.com/?ll=31.2304,121.4737&q=x", GCJ),
    ("https://maps.apple.com/place?address=a&coordinate=31.2304,121.4737&name=x", GCJ),
    ("https://maps.apple.com/?daddr=51.5072,-0.1276", LONDON),
    ("https://www.google.com/maps/place/x/@31.1,121.1,17z/data=!3m1!4b1!3d31.2304!4d121.4737", GCJ),
    ("https://www.google.com/maps/@51.5072,-0.1276,12z", LONDON),
    ("https://www.google.com.hk/maps?q=22.2800,114.1600", (22.28, 114.16, "wgs84")),
    ("https://maps.google.com/?q=loc:51.5072,-0.1276", LONDON),
    ("https://www.google.com/maps/search/?api=1&query=51.5072%2C-0.1276", LONDON),
    ("https://www.google.com/maps/place/51.5072,-0.1276", LONDON),
]


@pytest.mark.parametrize(("text", "place"), PASTED)
def test_a_place_is_read_with_its_datum(
    ask: Ask, text: str, place: tuple[float, float, str]
) -> None:
    assert ask("place", text=text) == dict(zip(("lat", "lng", "datum"), place, strict=True))


@pytest.mark.parametrize(
    "text",
    [
        "",
        "外滩 18 号",
        "138 0013 8000",
        "95,200",
        "31.2304",
        "https://surl.amap.com/abc12345",
        "https://map.baidu.com/poi/x/@13520653.29,3639905.97,19z",
        "https://maps.app.goo.gl/abc",
        "https://elsewhere.test/?q=31.2304,121.4737",
        "https://evilamap.com/?q=31.2304,121.4737",
        "https://uri.amap.com/marker?position=%E0%A4%A",
    ],
)
def test_what_says_no_place_is_none(ask: Ask, text: str) -> None:
    assert ask("place", text=text) is None


@pytest.mark.parametrize("datum", ["gcj02", "wgs84", "bd09"])
def test_a_point_is_opened_in_a_map_that_knows_its_datum(ask: Ask, datum: str) -> None:
    point = {"lat": 31.2304, "lng": 121.4737, "datum": datum}
    assert ask("place", text=ask("map", point=point)) == point


@pytest.mark.parametrize(
    ("text", "region"),
    [
        ("", []),
        ("浙江省杭州市西湖区", ["浙江省", "杭州市", "西湖区"]),
        ("浙江 杭州 西湖", ["浙江", "杭州", "西湖"]),
        ("上海市 浦东新区", ["上海市", "浦东新区"]),
        ("内蒙古自治区锡林郭勒盟", ["内蒙古自治区", "锡林郭勒盟"]),
        ("香港特别行政区", ["香港特别行政区"]),
        ("浙江", ["浙江"]),
        ("a/b/c/d", ["a", "b", "c"]),
    ],
)
def test_a_region_is_parted_as_it_is_written(ask: Ask, text: str, region: list[str]) -> None:
    assert ask("region", text=text) == region


@pytest.mark.parametrize(
    ("address", "channel"),
    [
        ("https://a.test/portal/#/?channel=poster", "poster"),
        ("https://a.test/portal/?channel=red_1#/pages/book/book?service=1", "red_1"),
        ("https://a.test/portal/#/?branch=1&channel=red&x=2", "red"),
        ("https://a.test/portal/#/?channel=No%20Channel", ""),
        ("https://a.test/portal/#/?mychannel=red", ""),
        ("https://a.test/portal/", ""),
    ],
)
def test_the_channel_is_what_the_address_says(ask: Ask, address: str, channel: str) -> None:
    assert ask("channel", address=address) == channel


def test_without_a_word_the_channel_is_where_the_page_is_shown(ask: Ask) -> None:
    assert ask("browser", agent="Mozilla/5.0 MicroMessenger/8.0") == "wechat"
    assert ask("browser", agent="Mozilla/5.0 Safari/605") == "web"


def test_a_page_in_the_editor_of_the_theme_is_not_counted(ask: Ask) -> None:
    assert ask("tried", address="https://a.test/portal/preview#/")
    assert ask("tried", address="https://a.test/portal/?preview#/")
    assert not ask("tried", address="https://a.test/portal/#/pages/book/book?service=preview")
