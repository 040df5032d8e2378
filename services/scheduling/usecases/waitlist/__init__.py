"""Waiting for time: places on the list, offers of what has become free, and their end."""
