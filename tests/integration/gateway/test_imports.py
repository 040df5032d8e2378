"""The routes of imports: files become rows, and only staff of the whole studio send them."""

import io

import openpyxl
import pytest

from gateway import sheets, sheets_in
from services.contracts import imports
from tests.integration.gateway import samples
from tests.integration.gateway.conftest import Site
from tests.integration.gateway.import_samples import BAD_ROW, FIELDS, IMPORT_ID

ONE = f"/api/v1/imports/{IMPORT_ID}"
CSV = "姓名,手机\n王小明,13800138000\n李娜,13900139000\n".encode("gb18030")
CSV_TYPE = {"Content-Type": "text/csv"}


def send(site: Site, content: bytes = CSV, role: str = "owner", query: str = "?name=a.csv"):
    return site.staff(role).send("PUT", ONE + query, body=content, headers=CSV_TYPE)


def test_a_file_is_read_and_handed_on_with_its_lines(site: Site) -> None:
    answer = send(site)
    assert (answer.status, answer.json["state"]) == (200, "received")
    [begun] = site.services.asked("booking.start_import")
    assert (begun["name"], begun["columns"]) == ("a.csv", ["姓名", "手机"])
    assert str(begun["staff_id"]) == samples.STAFF_ID
    [added] = site.services.asked("booking.add_import_rows")
    assert added["last"] is True
    assert added["rows"] == [
        {"line": 2, "cells": ["王小明", "13800138000"]},
        {"line": 3, "cells": ["李娜", "13900139000"]},
    ]


def test_what_a_file_holds_is_handed_on(site: Site) -> None:
    send(site)
    send(site, query="?name=a.csv&kind=customers")
    kinds = [begun["kind"] for begun in site.services.asked("booking.start_import")]
    assert kinds == ["orders", "customers"]
    assert send(site, query="?kind=coupons").status == 422


def test_each_kind_of_file_has_its_fields_and_its_template(site: Site) -> None:
    site.services.answers["booking.list_import_fields"] = lambda kind: {
        "items": FIELDS[:1] if kind == "customers" else FIELDS
    }
    staff = site.staff()
    assert len(staff.get("/api/v1/imports/fields?kind=customers").json["items"]) == 1
    answer = staff.get("/api/v1/imports/template.xlsx?kind=customers")
    assert answer.headers["content-disposition"] == 'attachment; filename="customers.xlsx"'
    rows = list(openpyxl.load_workbook(io.BytesIO(answer.body)).active.values)
    assert rows == [("客户姓名",), ("王小明",)]
    assert staff.get("/api/v1/imports/fields?kind=coupons").status == 422


def test_a_file_of_a_form_brings_its_name(site: Site) -> None:
    book = sheets.workbook(["姓名", "手机"], [["王小明", "13800138000"]])
    part = 'Content-Disposition: form-data; name="file"; filename="订单.xlsx"'
    body = f"--b\r\n{part}\r\n\r\n".encode() + book + b"\r\n--b--\r\n"
    headers = {"Content-Type": "multipart/form-data; boundary=b"}
    assert site.staff().send("PUT", ONE, body=body, headers=headers).status == 200
    assert site.services.asked("booking.start_import")[0]["name"] == "订单.xlsx"


def test_many_rows_go_in_pieces(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(imports, "PIECE_ROWS", 2)
    send(site, b"a,b\n" + b"1,2\n" * 5)
    told = [(len(a["rows"]), a["last"]) for a in site.services.asked("booking.add_import_rows")]
    assert told == [(2, False), (2, False), (1, True)]


def test_a_file_that_was_sent_before_is_not_sent_again(site: Site) -> None:
    site.services.answers["booking.start_import"] = site.services.answers["booking.add_import_rows"]
    assert send(site).json["state"] == "received"
    assert not site.services.asked("booking.add_import_rows")


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "sheet.empty"),
        (b"a,b\n", "sheet.empty"),
        (b"PK\x03\x04 no zip", "sheet.unreadable"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "sheet.old_or_locked"),
        (b"a,b\n1," + b"x" * 2_001, "sheet.too_large"),
    ],
)
def test_what_cannot_be_read_is_refused_with_a_reason(
    site: Site, content: bytes, code: str
) -> None:
    answer = send(site, content)
    assert (answer.status, answer.json["code"]) == (400, code)
    assert not site.services.asked("booking.start_import")


def test_a_file_that_is_too_large_is_not_read_to_its_end(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sheets_in, "FILE_BYTES", 1_000)
    answer = send(site, b"a,b\n" * 1_000)
    assert (answer.status, answer.headers["connection"]) == (413, "close")


def test_only_who_sees_all_branches_imports(site: Site) -> None:
    assert send(site, role="manager").status == 200
    for role in ("receptionist", "photographer"):
        assert send(site, role=role).status == 403
    of_one = site.staff("manager", [samples.BRANCH_ID])
    for method, path in [
        ("GET", "/api/v1/imports"),
        ("PUT", ONE),
        ("GET", ONE),
        ("DELETE", ONE),
        ("GET", f"{ONE}/values?field=branch"),
        ("GET", f"{ONE}/rows"),
        ("GET", f"{ONE}/errors.xlsx"),
        ("POST", f"{ONE}/run"),
        ("POST", f"{ONE}/undo"),
    ]:
        assert of_one.send(method, path).status == 403, path
    assert site.anybody.get("/api/v1/imports").status == 401


def test_wrong_rows_come_back_as_a_sheet_with_the_reason(site: Site) -> None:
    site.services.answers["booking.list_import_rows"] = lambda after, **_: {
        "items": [BAD_ROW | {"line": after + 1}],
        "next_after": 1 if after == 0 else None,
    }
    answer = site.staff().get(f"{ONE}/errors.xlsx", **{"Accept-Language": "en"})
    assert answer.headers["content-type"] == sheets.XLSX
    rows = list(openpyxl.load_workbook(io.BytesIO(answer.body)).active.values)
    assert rows[0] == ("姓名", "手机", "备注", "What is wrong")
    reason = "手机：That is not a valid phone number；This is missing"
    assert rows[1:] == [("=1+1", "12", None, reason)] * 2


def test_the_template_is_a_file_that_can_be_sent(site: Site) -> None:
    answer = site.staff().get("/api/v1/imports/template.xlsx")
    assert send(site, answer.body).status == 200
    [begun] = site.services.asked("booking.start_import")
    assert begun["columns"] == ["客户姓名", "手机号"]


def test_a_mapping_is_handed_on_as_it_is_told(site: Site) -> None:
    body = {
        "columns": {"name": 0, "phone": 1},
        "values": {"service": {"写真": samples.SERVICE_ID}},
        "defaults": {"branch": samples.BRANCH_ID},
    }
    answer = site.staff().send("PUT", f"{ONE}/mapping", json_body=body)
    assert answer.status == 200
    [asked] = site.services.asked("booking.map_import")
    assert {name: asked[name] for name in body} == body
    wrong = site.staff().send("PUT", f"{ONE}/mapping", json_body={"columns": {"name": "A"}})
    assert wrong.status == 422


def test_every_step_has_its_route(site: Site) -> None:
    staff = site.staff()
    assert staff.get("/api/v1/imports").json["items"][0]["id"] == IMPORT_ID
    assert staff.get("/api/v1/imports/fields").json["items"][0]["name"] == "name"
    assert staff.get(ONE).json["columns"] == ["姓名", "手机", "备注"]
    assert staff.get(f"{ONE}/values?field=branch&column=2").json["items"][0]["count"] == 2
    assert staff.get(f"{ONE}/rows?state=bad").json["items"][0]["line"] == 3
    assert staff.post(f"{ONE}/run").status == 200
    assert staff.post(f"{ONE}/undo").status == 200
    assert staff.send("DELETE", ONE).status == 204
