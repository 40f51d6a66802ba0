-- One row per output with a report by month, and month that any check looked at. The
-- rules are those of `usability`; a source is late for all its months or none, so that
-- is told there and not here.
create or replace table quality.usability_by_month as
with

tainted as (

    select distinct
        catalogue.table_name as feed,
        catalogue.check_id,
        case
            when row_rules.check_id is null then catalogue.tolerated_share
            else greatest(catalogue.tolerated_share, limits.amber_refused)
        end as tolerated_share,
        unnest(string_split(catalogue.taints, ', ')) as output_id
    from quality.check_catalogue as catalogue
    cross join limits
    left join row_rules
        on
            catalogue.table_name = row_rules.feed
            and catalogue.check_id = row_rules.check_id
    where catalogue.stage = 'landing' and catalogue.taints <> ''

),

summed as (

    select
        tainted.output_id,
        by_month.month,
        by_month.feed,
        by_month.source,
        by_month.check_id,
        any_value(tainted.tolerated_share) as tolerated_share,
        sum(by_month.tested_count) as tested_count,
        sum(by_month.failed_count) as failed_count
    from quality.checks_by_month as by_month
    inner join tainted using (feed, check_id)
    where by_month.month is not null
    group by all

),

graded as (

    select
        summed.*,
        failed_count / nullif(tested_count, 0) as failed_share,
        case
            when
                failed_share > greatest(
                    limits.red_share, limits.red_of_tolerated * tolerated_share
                )
                then 2
            when failed_share > tolerated_share then 1
            else 0
        end as grade,
        replace(check_id, '_', ' ') as check_name,
        failed_count < limits.minimum
        or tested_count - failed_count between 1 and limits.minimum - 1 as is_hidden,
        printf(
            '%.1f',
            100 * (round(failed_count / limits.base) * limits.base)
            / nullif(round(tested_count / limits.base) * limits.base, 0)
        ) as shown_share,
        limits.reasons_told
    from summed
    cross join limits
    where summed.tested_count > 0
    -- a check is told once, of the source where it is worst
    qualify row_number() over (
        partition by output_id, month, feed, check_id
        order by grade desc, failed_share desc, source
    ) = 1

),

of_checks as (

    select
        output_id,
        month,
        grade,
        failed_share,
        reasons_told,
        case
            when grade = 0 then null
            when is_hidden
                then 'In ' || feed || ' of ' || label_of(source) || ', some fail: '
                || check_name || '.'
            else shown_share || ' % in ' || feed || ' of '
                || label_of(source) || ' fail: '
                || check_name || '.'
        end as reason
    from graded

),

of_refused_rows as (

    -- several rules that each refuse few can together refuse many
    select
        output_feeds.output_id,
        refused.month,
        if(
            refused.refused_count / refused.rows_count > limits.red_refused, 2, 1
        ) as grade,
        refused.refused_count / refused.rows_count as failed_share,
        limits.reasons_told,
        case
            when
                refused.refused_count < limits.minimum
                or refused.rows_count - refused.refused_count
                between 1 and limits.minimum - 1
                then 'Some of the rows of '
            else printf(
                '%.1f',
                100 * (round(refused.refused_count / limits.base) * limits.base)
                / (round(refused.rows_count / limits.base) * limits.base)
            ) || ' % of the rows of '
        end || refused.feed || ' of ' || label_of(refused.source)
        || ' were refused.' as reason
    from quality.refused_by_month as refused
    inner join (
        select distinct output_id, feed from output_feeds
    ) as output_feeds using (feed)
    cross join limits
    where
        refused.month is not null
        and refused.rows_count > 0
        and refused.refused_count / refused.rows_count > limits.amber_refused
    -- a feed is told once, of the source where it is worst
    qualify row_number() over (
        partition by output_feeds.output_id, refused.month, refused.feed
        order by failed_share desc, refused.source
    ) = 1

),

of_volumes as (

    -- fewer or more rows of the month, at any site, than was usual
    select distinct
        output_feeds.output_id,
        strptime(right(drift.grain, 7), '%Y-%m')::date as month,
        1 as grade,
        null::double as failed_share,
        limits.reasons_told,
        'The number of ' || drift.feed || ' is not as it was, at a site or at all.'
            as reason
    from quality.drift as drift
    inner join output_feeds using (feed)
    cross join limits
    where drift.measure = 'rows_by_site_and_month' and drift.is_beyond

),

findings as (

    select *, row_number() over (
        partition by output_id, month
        order by grade desc, failed_share desc nulls last, reason
    ) as nth
    from (
        select * from of_checks
        union all
        select * from of_refused_rows
        union all
        select * from of_volumes
    )

),

told as (

    select
        output_id,
        month,
        max(grade) as grade,
        string_agg(reason, ' ' order by nth) filter (
            nth <= reasons_told and grade > 0
        ) as reasons
    from findings
    group by output_id, month

)

select
    outputs.output_id,
    outputs.title,
    months.month,
    case
        when told.grade is null or not outputs.is_measured then 'not_measured'
        when told.grade = 2 then 'red'
        when told.grade = 1 then 'amber'
        else 'green'
    end as status,
    case
        when told.grade is null or not outputs.is_measured
            then 'Nothing that feeds it was tested in this month.'
        else coalesce(
            told.reasons, 'Every check that feeds it holds, as far as it must.'
        )
    end as reasons

from outputs

cross join (
    select distinct month from quality.checks_by_month where month is not null
) as months

left join told using (output_id, month)

where outputs.is_by_month

order by outputs.output_id, months.month
