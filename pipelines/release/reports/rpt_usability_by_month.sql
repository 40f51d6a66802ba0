-- One row per output with a report by month, and month.
select
    output_id,
    title,
    month,
    status,
    reasons

from quality.usability_by_month
