"""Drift: each delivery against what was accepted of its source before (docs/drift.md)."""
