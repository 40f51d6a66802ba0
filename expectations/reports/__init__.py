"""Guards of the reports stage, one module per table."""
