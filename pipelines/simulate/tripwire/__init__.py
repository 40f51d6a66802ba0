"""A labelled corpus for the tripwire, and how much of it the tripwire finds.

Made up by us: nobody's records. What is planted is written from the public definitions
of each form, not from the tripwire's own patterns, which this package does not import.
"""
