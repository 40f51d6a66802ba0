"""Guards of the estimates stage, one module per table."""
