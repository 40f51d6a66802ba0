"""Guards of the raw stage, one module per table."""
