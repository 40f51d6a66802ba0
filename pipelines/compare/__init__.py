"""Compare outcomes between two groups of people, each by a written protocol."""
