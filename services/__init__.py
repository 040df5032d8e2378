"""The independent services; each owns one database and meets the others only in `contracts`."""
