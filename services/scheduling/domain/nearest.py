"""What is closest to a start that cannot be had: other people, other times, other branches."""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from itertools import zip_longest
from typing import Any

Alternative = dict[str, Any]

MAX_ALTERNATIVES = 5
WITHIN = timedelta(days=3)
"""Who cannot have a time looks at the days around it; further away the calendar serves better."""

NEARLY = timedelta(hours=3)
"""Whoever goes to another branch does so to keep the time: the same part of the day."""


def nearest(start: datetime, *kinds: Iterable[Alternative]) -> list[Alternative]:
    """Return the nearest alternatives of some kinds, the kind that changes least first.

    Every kind has its turn, so that many of one do not hide the others; within one the nearest
    comes first, of two as near the earlier, and then the one whose name comes first.
    """

    def distance(alternative: Alternative) -> tuple[timedelta, datetime, str]:
        begin = datetime.fromisoformat(alternative["start"])
        name = alternative.get("resource_name") or alternative.get("branch_name") or {"zh": ""}
        return abs(begin - start), begin, name["zh"]

    ranked = [sorted(kind, key=distance) for kind in kinds]
    shares = _shares([len(kind) for kind in ranked])
    return [each for kind, share in zip(ranked, shares, strict=True) for each in kind[:share]]


def _shares(sizes: Sequence[int]) -> list[int]:
    """Deal the places out in turns; return how many each kind gets."""
    turns = zip_longest(*([kind] * size for kind, size in enumerate(sizes)))
    dealt = [kind for turn in turns for kind in turn if kind is not None][:MAX_ALTERNATIVES]
    return [dealt.count(kind) for kind in range(len(sizes))]
