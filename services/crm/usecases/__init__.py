"""What crm does, one business verb and one transaction each."""
