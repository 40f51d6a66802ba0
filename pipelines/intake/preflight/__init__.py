"""Say what a delivery holds and whether it would load, without loading it."""
