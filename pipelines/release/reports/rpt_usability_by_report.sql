-- One row per output that a reader opens: can it be trusted, and if not, why.
select
    report,
    title,
    status,
    reasons,
    failing_checks_count,
    late_sources_count,
    worst_check_id

from quality.usability
