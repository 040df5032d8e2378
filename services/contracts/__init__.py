"""What is said on the wire: envelope, field types, errors, and one module per owner of its words.

Importing any of it declares all of it: a process hears events of owners that it names nowhere.
"""

from services.contracts import (  # noqa: F401
    agreements,
    analytics,
    automation,
    booking,
    booking_facts,
    cash,
    catalogue,
    crm,
    customer_imports,
    drafts,
    dunning,
    forms,
    identity,
    imports,
    lookup,
    member_accounts,
    members,
    notification,
    page_views,
    payers,
    payments,
    scheduling,
    submissions,
    tables,
    themes,
    top_ups,
    uploads,
)
