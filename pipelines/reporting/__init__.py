"""Pages and packs made from the suppressed `reports` tables, and from nothing else."""
