"""The tripwire: refuse a delivery that does not look de-identified.

It looks at the delivery's own columns, mapped by an adapter or not, at their headers
and at the files' names. It says the position, the kind and the count of what it
found, never a value. It is a tripwire, not a proof (docs/tripwire.md).
"""

from pipelines.intake.identifiers.finding import Finding
from pipelines.intake.identifiers.tripwire import find_identifiers, refuse_identified

__all__ = ["Finding", "find_identifiers", "refuse_identified"]
