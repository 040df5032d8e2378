"""What scheduling does, one business verb and one transaction each."""
