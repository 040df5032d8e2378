"""Errors keep class and state across the wire and speak both languages."""

import importlib
import pkgutil

import orjson
import pytest

import services
from services.contracts import errors
from services.contracts.errors import KINDS, Conflict, Unavailable, YingqiError, from_wire, to_wire
from services.contracts.scheduling import SlotTaken

# What the gateway says of a bug: nobody anticipated it, so it is of no kind.
OF_NO_KIND = {"internal.error"}


def every_error():
    for module in pkgutil.walk_packages(services.__path__, "services."):
        if ".migrations" not in module.name and not module.name.endswith("__main__"):
            importlib.import_module(module.name)
    return sorted(YingqiError.registry.items())


def test_an_error_crosses_the_wire_with_its_state():
    error = SlotTaken(alternatives=[{"start": "2026-11-25T10:00:00+08:00", "remaining": 2}])
    wire = orjson.loads(orjson.dumps(to_wire(error)))
    back = from_wire(wire)
    assert type(back) is SlotTaken
    assert back.details == error.details


def test_an_error_of_a_newer_peer_is_an_outage_rather_than_a_crash():
    assert isinstance(from_wire({"code": "from.the_future", "details": {}}), Unavailable)


def test_two_classes_cannot_share_a_code():
    with pytest.raises(TypeError, match=r"scheduling\.slot_taken"):

        class Copy(Conflict):
            code = SlotTaken.code


def test_every_code_speaks_both_languages_and_is_of_one_kind():
    for code, error in every_error():
        if code.startswith("toy."):
            continue
        assert error.sentence.get("zh"), code
        assert error.sentence.get("en"), code
        kinds = sum(issubclass(error, kind) for kind in KINDS)
        assert kinds == (0 if code in OF_NO_KIND else 1), code


def test_the_kind_of_an_error_is_found():
    assert errors.kind_of(SlotTaken()) is Conflict
