"""How a process behaves, whatever its business: database, messages, RPC, settings, logs, health."""
