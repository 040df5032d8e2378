"""Branches, resources, free time, holds and allocations: the one place that decides about time."""
