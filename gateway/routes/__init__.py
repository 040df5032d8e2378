"""The routes, one module per area; each is a class whose methods the service takes over."""
