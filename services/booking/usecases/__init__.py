"""What booking does: one module per matter, one function per business verb."""
