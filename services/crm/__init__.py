"""The customer file: who a customer is, what they booked and paid, and their timeline."""
