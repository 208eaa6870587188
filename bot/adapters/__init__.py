"""Heavy libraries behind the core's small interfaces: one module a library."""
