-- One row per source and feed, its current loads together: rows in are loaded,
-- quarantined or exact duplicates.
select
    source,
    feed,
    bool_or(is_supplied) as is_supplied,
    sum(yielded_count)::bigint as yielded_count,
    sum(loaded_count)::bigint as loaded_count,
    sum(quarantined_count)::bigint as quarantined_count,
    sum(duplicate_count)::bigint as duplicate_count

from quality.reconciliation

group by source, feed
