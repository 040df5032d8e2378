"""The built pages and the documentation: caching, compression, policy, no way out of a folder."""

import gzip
import http.client
import re
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from gateway.routes import pages
from tests.integration.gateway.conftest import Site

HASHED = "assets/index-7kEmwc_E.js"
SCRIPT = b"console.log('yingqi');\n" * 200


@pytest.fixture(autouse=True)
def bundles(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Two small bundles in place of the built ones, with a secret beside them."""
    for face in ("portal", "console"):
        (tmp_path / face / "assets").mkdir(parents=True)
        (tmp_path / face / "index.html").write_text(f"<title>{face}</title>")
        (tmp_path / face / HASHED).write_bytes(SCRIPT)
        (tmp_path / face / "favicon.svg").write_text("<svg/>")
    (tmp_path / "secret.txt").write_text("secret")
    monkeypatch.setattr(pages, "DIST", tmp_path)
    return tmp_path


def test_the_front_leads_to_the_portal(site: Site) -> None:
    answer = site.anybody.get("/")
    assert (answer.status, answer.headers["location"]) == (302, "/portal/")
    assert site.anybody.get("/portal").headers["location"].endswith("/portal/")


def test_a_page_is_checked_every_time_and_sent_once(site: Site) -> None:
    answer = site.anybody.get("/portal/")
    assert (answer.status, answer.text) == (200, "<title>portal</title>")
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    assert answer.headers["cache-control"] == "no-cache"
    again = site.anybody.get("/portal/", **{"If-None-Match": answer.headers["etag"]})
    assert (again.status, again.body) == (304, b"")


def test_a_page_allows_nothing_from_elsewhere(site: Site) -> None:
    policy = site.anybody.get("/console/").headers["content-security-policy"]
    assert "default-src 'self'" in policy
    assert "script-src" not in policy  # as the default: no inline scripts, no eval
    assert "img-src 'self' data:" in policy
    assert "frame-ancestors 'none'" in policy


def test_a_hashed_file_is_kept_for_ever_and_travels_compressed(site: Site) -> None:
    plain = site.anybody.get(f"/portal/{HASHED}")
    assert plain.headers["cache-control"] == "public, max-age=31536000, immutable"
    assert plain.headers["content-type"].partition(";")[0] == "text/javascript"
    assert (plain.body, plain.headers["vary"]) == (SCRIPT, "Accept-Encoding")
    packed = site.anybody.get(f"/portal/{HASHED}", **{"Accept-Encoding": "gzip, br"})
    assert packed.headers["content-encoding"] == "gzip"
    assert gzip.decompress(packed.body) == SCRIPT
    assert packed.headers["etag"] != plain.headers["etag"]


def test_the_console_answers_its_own_paths_and_not_missing_files(site: Site) -> None:
    for path in ("/console/bookings", "/console/customers/1"):
        assert site.anybody.get(path).text == "<title>console</title>"
    assert site.anybody.get("/console/favicon.svg").headers["content-type"].startswith("image/svg")
    for path in ("/console/assets/gone-12345678.js", "/console/gone.js", "/portal/gone"):
        assert site.anybody.get(path).status == 404


@pytest.mark.parametrize(
    "path",
    [
        "/portal/../secret.txt",
        "/portal/%2e%2e/secret.txt",
        "/portal/..%2fsecret.txt",
        "/portal/assets/..%5c..%5c..%5csecret.txt",
        "/portal//etc/passwd",
        "/portal/%2fetc/passwd",
        "/docs/..%2fsettings.py",
        "/docs/%00",
    ],
)
def test_no_path_leads_out_of_a_folder(site: Site, path: str) -> None:
    connection = http.client.HTTPConnection(urlsplit(site.address).netloc, timeout=5)
    connection.request("GET", path)
    response = connection.getresponse()
    body = response.read()
    connection.close()
    assert response.status in {308, 404}
    assert b"secret" not in body
    assert b"root:" not in body


def test_a_new_build_is_served_without_a_restart(site: Site, bundles: Path) -> None:
    assert "portal" in site.anybody.get("/portal/").text
    page = bundles / "portal" / "index.html"
    page.write_text("<title>new</title>")
    assert site.anybody.get("/portal/").text == "<title>new</title>"


def test_the_documentation_asks_nobody_else(site: Site) -> None:
    page = site.anybody.get("/docs")
    script, style = site.anybody.get("/docs/docs.js"), site.anybody.get("/docs/docs.css")
    assert (page.status, script.status, style.status) == (200, 200, 200)
    for text in (page.text, script.text, style.text):
        assert not re.search(r"(?:src|href)=\"(?:https?:|//)|fetch\(\"http|@import", text)


def test_every_error_code_can_be_looked_up(site: Site) -> None:
    page = site.anybody.get("/docs/errors").text
    for code in ("scheduling.slot_taken", "rate.limited", "internal.error"):
        assert f'<tr id="{code}">' in page
    assert "时间已被占用" in page
    assert "That time is already taken" in page
