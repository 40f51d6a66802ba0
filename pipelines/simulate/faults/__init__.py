"""Scenario `dirty`: planted faults, the answer key, and what the product says of them."""
