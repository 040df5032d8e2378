"""The faces people see: sources, their build, and the built bundles the gateway serves."""
