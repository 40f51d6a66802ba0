"""Guards of the landing stage, one module per table."""
