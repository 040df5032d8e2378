"""Parts of an amount of money, in whole cents."""

WHOLE = 10_000
"""Basis points of the whole: a percent is 100 of them, so that 12.5 % needs no fraction."""


def share(cents: int, basis_points: int) -> int:
    """Return a part of an amount, rounded to the nearest cent (四舍五入).

    Half a cent goes away from zero, so that a discount of a percentage is as large as the
    surcharge of the same percentage, whatever the amount.
    """
    product = cents * basis_points
    rounded = (abs(product) * 2 + WHOLE) // (2 * WHOLE)
    return rounded if product >= 0 else -rounded
