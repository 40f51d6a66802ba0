-- One row per output: its status, the worst reasons in words, and how many there are.
create or replace table quality.usability as
with

sent as (

    select distinct
        feed,
        '' as column_name
    from quality.reconciliation
    where is_supplied

    union all

    select distinct
        columns.feed,
        columns.column_name
    from raw.load_columns as columns
    inner join quality.reconciliation as reconciliation using (load_id, feed)
    where columns.is_supplied

),

supplied as (

    -- an output whose feeds are not known rests on the checks alone; one that rests on
    -- a column needs that column
    select
        outputs.output_id,
        count(output_feeds.feed) = 0 or count(sent.feed) > 0 as is_supplied
    from outputs
    left join output_feeds using (output_id)
    left join sent
        on
            output_feeds.feed = sent.feed
            and output_feeds.column_name = sent.column_name
    group by outputs.output_id

),

ordered as (

    select
        *,
        row_number() over (
            partition by output_id
            order by grade desc, place, failed_share desc nulls last, reason
        ) as nth,
        count(*) over (partition by output_id) as findings_count
    from findings

),

told as (

    select
        ordered.output_id,
        max(ordered.grade) as grade,
        string_agg(ordered.reason, ' ' order by ordered.nth) filter (
            ordered.nth <= limits.reasons_told
        ) || case
            when any_value(ordered.findings_count) > any_value(limits.reasons_told)
                then ' And ' || (
                    any_value(ordered.findings_count)
                    - any_value(limits.reasons_told)
                ) || ' more.'
            else ''
        end as reasons,
        count(distinct ordered.check_reference) as failing_checks_count,
        count(*) filter (ordered.place = 3) as late_sources_count,
        arg_min(ordered.check_reference, ordered.nth) filter (
            ordered.check_reference is not null
        ) as worst_check_id
    from ordered
    cross join limits
    group by ordered.output_id

)

select
    outputs.output_id as report,
    outputs.title,
    case
        when not supplied.is_supplied then 'not_measured'
        -- what was sent and is broken shows nothing because it is broken
        when told.grade = 2 then 'red'
        when not outputs.is_measured then 'not_measured'
        when told.grade = 1 then 'amber'
        else 'green'
    end as status,
    case
        when not supplied.is_supplied then 'No source sends what it needs.'
        when not outputs.is_measured and coalesce(told.grade, 0) < 2
            then concat_ws(
                ' ',
                'What it needs was sent, and this release shows nothing of it.',
                told.reasons
            )
        else coalesce(
            told.reasons, 'Every check that feeds it holds, as far as it must.'
        )
    end as reasons,
    coalesce(told.failing_checks_count, 0) as failing_checks_count,
    coalesce(told.late_sources_count, 0) as late_sources_count,
    told.worst_check_id

from outputs

inner join supplied using (output_id)

left join told using (output_id)

order by report
