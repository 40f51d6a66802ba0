-- One row per source, feed, check and month: how many could be tested, and failed.
select
    source,
    feed,
    check_id,
    month,
    tested_count,
    failed_count

from quality.checks_by_month
