"""How rows are locked."""

KEEP_KEYS = {"key_share": True}
"""Lock what changes, not the key: a new ledger entry refers to a locked booking and must not wait
for it, or the one that pays and the one that cancels would wait for each other."""
