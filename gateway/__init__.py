"""HTTP: the public API, the staff API, the live stream and the pages; no business rules, no storage."""
