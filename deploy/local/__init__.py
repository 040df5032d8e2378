"""The one-process run: its PostgreSQL, its in-process broker, and their state."""
