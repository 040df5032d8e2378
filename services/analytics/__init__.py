"""Facts fed by events, and the metric dictionary that measures them."""
