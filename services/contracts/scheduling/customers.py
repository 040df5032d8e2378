"""How one customer is told from another, by those who must not know who that is."""

from uuid import UUID, uuid5

CUSTOMER_KEYS = UUID("0b1a7c0e-3f0f-5e63-9d3c-51c1f8a2b7d4")
"""Namespace of the keys by which scheduling tells customers apart for its quotas; another value
would let each begin anew."""


def customer_key(phone: str) -> str:
    """Return the key of whoever has a phone number.

    Shapes:  `phone` E.164; another spelling would be another customer.
    """
    return uuid5(CUSTOMER_KEYS, phone).hex
