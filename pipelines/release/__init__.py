"""From a checked build to an immutable release that people read."""
