"""The verbs of forms: designing, sharing, filling in, looking at what came, and data tables."""
