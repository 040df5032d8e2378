"""The HTTP face of the services: routes, problems, sessions, pages; no business rules and no storage."""
