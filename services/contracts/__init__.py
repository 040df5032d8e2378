"""What is said on the wire: envelope, field types, errors, and one module per owner of events and RPCs."""
