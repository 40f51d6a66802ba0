"""Run checks and keep what they found: counts and positions, never values."""
