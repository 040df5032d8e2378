"""Orders and history from another system's file: received, mapped, checked, run, and undone.

Only the past comes in so: an appointment that lies ahead needs people and rooms, which are locked
by booking it in the calendar.
"""
