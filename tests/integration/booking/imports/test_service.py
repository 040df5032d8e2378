"""Imports over the wire: the service works at them by itself, and those who keep records follow."""

from collections.abc import Callable
from typing import Any
from uuid import uuid4

from tests.harness import Running
from tests.integration.booking.imports.desk import COLUMNS, order
from tests.integration.booking.studio import BUND, SERVICE, STAFF, Studio

BRANCH = {
    "id": str(BUND),
    "name": {"zh": "外滩店"},
    "address": {"zh": "中山东一路 1 号"},
    "phone": "+862162134567",
    "timezone": "Asia/Shanghai",
    "hours": [],
}


def test_a_file_becomes_history_and_is_taken_back_over_the_wire(
    running: Callable[..., Running],
) -> None:
    system = running("scheduling", "booking", "crm")
    Studio(system.uow("booking")).define()
    system.call("scheduling").define_branch(**BRANCH)
    booking, crm = system.call("booking"), system.call("crm")
    one: dict[str, Any] = {"import_id": str(uuid4())}

    def reaches(state: str) -> dict[str, Any]:
        return system.wait(
            lambda: next((i for i in booking.list_imports()["items"] if i["state"] == state), None)
        )

    fields = [each["name"] for each in booking.list_import_fields()["items"]]
    assert {"name", "phone", "start"} <= set(fields)
    booking.start_import(**one, name="a.csv", columns=COLUMNS, staff_id=str(STAFF))
    rows = [{"line": at, "cells": order(at)} for at in (2, 3)]
    booking.add_import_rows(**one, rows=rows, last=True)
    told = booking.list_import_values(**one, field="branch", column=None)
    assert [choice["id"] for choice in told["choices"]] == [str(BUND)]
    mapping = booking.get_import(**one)["mapping"]
    mapping["defaults"] |= {"branch": str(BUND), "service": str(SERVICE)}
    booking.map_import(**one, **mapping)
    assert reaches("checked")["good"] == 2
    assert booking.list_import_rows(**one)["items"][0]["state"] == "good"
    booking.run_import(**one)
    assert reaches("done")["done"] == 2
    system.wait(lambda: [c["spent_cents"] for c in crm.list_customers()["items"]] == [399_900] * 2)
    booking.undo_import(**one)
    assert reaches("undone")["undone"] == 2
    system.wait(lambda: crm.list_customers()["items"] == [])


def test_a_file_can_be_removed_over_the_wire(running: Callable[..., Running]) -> None:
    booking = running("booking").call("booking")
    one = {"import_id": str(uuid4())}
    booking.start_import(**one, name="a.csv", columns=COLUMNS, staff_id=str(STAFF))
    booking.remove_import(**one)
    assert booking.list_imports()["items"] == []


def test_customers_come_and_go_over_the_wire(running: Callable[..., Running]) -> None:
    system = running("scheduling", "booking", "crm", "analytics")
    system.call("scheduling").define_branch(**BRANCH)
    booking, crm = system.call("booking"), system.call("crm")
    crm.define_level(id=str(uuid4()), name={"zh": "金卡"})
    one: dict[str, Any] = {"import_id": str(uuid4())}
    titles = ["姓名", "手机", "注册日期", "等级", "储值余额"]
    rows = [
        {"line": 2, "cells": ["王小明", "13800138000", "2023-05-20", "金卡", "500"]},
        {"line": 3, "cells": ["李娜", "13900139000", "2023-05-21", "", ""]},
    ]

    def reaches(state: str) -> dict[str, Any]:
        return system.wait(
            lambda: next((i for i in booking.list_imports()["items"] if i["state"] == state), None)
        )

    def new_customers() -> float:
        days = {"from": "2023-05-01", "to": "2023-05-31"}
        return system.call("analytics").measure(name="new_customers", **days)["value"]

    start = {"name": "a.csv", "kind": "customers", "columns": titles, "staff_id": str(STAFF)}
    booking.start_import(**one, **start)
    booking.add_import_rows(**one, rows=rows, last=True)
    mapping = booking.get_import(**one)["mapping"]
    booking.map_import(**one, **mapping | {"defaults": {"branch": str(BUND)}})
    assert reaches("checked")["total_cents"] == 50_000
    booking.run_import(**one)
    assert reaches("done")["done"] == 2
    found = {each["name"]: each["id"] for each in crm.list_customers()["items"]}
    account = crm.get_account(customer_id=found["王小明"])
    assert (account["level"]["name"]["zh"], account["stored_value_cents"]) == ("金卡", 50_000)
    system.wait(lambda: new_customers() == 2)
    booking.undo_import(**one)
    assert reaches("undone")["undone"] == 2
    system.wait(lambda: new_customers() == 0)
    assert crm.list_customers()["items"] == []
