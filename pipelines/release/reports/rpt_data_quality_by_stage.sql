-- One row per stage, in the order of the flow. A check is counted once for each
-- table it ran on.
select
    stage,
    count(*) as checks_count,
    count(*) filter (status = 'pass') as passed_count,
    count(*) filter (status = 'fail' and severity = 'warning') as warnings_count,
    count(*) filter (
        status = 'error' or (status = 'fail' and severity = 'critical')
    ) as failed_count

from reports.rpt_data_quality_by_check

group by stage
