"""The static site of a release: one self-contained page, without a network."""

from pipelines.reporting.site.page import build

__all__ = ["build"]
