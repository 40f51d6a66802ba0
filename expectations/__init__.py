"""Guards on tables made by Python: one module per table, each defining `suite`."""
