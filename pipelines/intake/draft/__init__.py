"""Draft a source from a stranger's files: what each column is, and the SQL for it."""
