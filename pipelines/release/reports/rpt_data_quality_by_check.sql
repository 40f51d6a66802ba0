-- One row per check on one table, all loads together; the worst status counts.
select
    stage,
    table_name,
    check_id,
    tool,
    any_value(category) as category,
    min(severity) as severity, -- critical before warning
    case
        when bool_or(status = 'error') then 'error'
        when bool_or(status = 'fail') then 'fail'
        else 'pass'
    end as status,
    sum(tested_count)::bigint as tested_count,
    sum(failed_count)::bigint as failed_count

from quality.check_results

group by stage, table_name, check_id, tool
