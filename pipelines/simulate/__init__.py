"""A simulated health system whose truth is known."""
