"""Staff accounts, roles, permissions and sessions."""
