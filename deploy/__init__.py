"""What knows a host name or starts a process: the local run and the production manifests."""
