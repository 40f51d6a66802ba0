-- One row per source and mart column that the source cannot fill.
select
    source,
    table_name,
    column_name,
    needs,
    reason

from quality.not_measured
