"""The catalogue, bookings, their money and the providers it comes through."""
