"""HTTP: the public and the staff API, the live stream, the pages; no business rules, no storage."""
