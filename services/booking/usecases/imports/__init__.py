"""Files from another system: received, mapped, checked, run, and undone; orders, or customers.

Of orders only the past comes in so: an appointment that lies ahead needs people and rooms, which
are locked by booking it in the calendar.
"""
