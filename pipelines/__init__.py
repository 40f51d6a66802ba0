"""Therapy outcomes: from a service's de-identified records to a published release."""
