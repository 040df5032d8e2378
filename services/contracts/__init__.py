"""What is said on the wire: envelope, field types, errors, and one module per owner of its words.

Importing any of it declares all of it: a process hears events of owners that it names nowhere.
"""

from services.contracts import (  # noqa: F401
    agreements,
    analytics,
    automation,
    booking,
    cash,
    catalogue,
    crm,
    drafts,
    dunning,
    forms,
    identity,
    imports,
    member_accounts,
    members,
    notification,
    payers,
    payments,
    scheduling,
    submissions,
    tables,
    top_ups,
    uploads,
)
