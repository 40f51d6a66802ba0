{#
    One row per comparison, arm and step: people who were eligible, had a score
    before treatment, and were seen at each follow-up. Counts of people are not
    yet suppressed: this table is never released.
#}

with

units as (

    {{ all_comparisons() }}

),

follow_ups as (

    select
        comparison_id,
        follow_up_month,
        row_number() over (
            partition by comparison_id
            order by follow_up_month
        ) + 2 as step_number
    from (
        select distinct
            comparison_id,
            follow_up_month
        from units
    ) as months

),

steps as (

    select
        comparison_id,
        arm,
        1 as step_number,
        'eligible' as step,
        count(distinct patient_id) as people_count
    from units
    group by
        comparison_id,
        arm

    union all

    select
        comparison_id,
        arm,
        2 as step_number,
        'scored_at_baseline' as step,
        count(
            distinct case when baseline_points is not null then patient_id end
        ) as people_count
    from units
    group by
        comparison_id,
        arm

    union all

    select
        units.comparison_id,
        units.arm,
        follow_ups.step_number,
        'followed_up_month_' || cast(units.follow_up_month as varchar) as step,
        count(
            distinct case
                when units.points is not null then units.patient_id
            end
        ) as people_count
    from units

    inner join follow_ups
        on
            units.comparison_id = follow_ups.comparison_id
            and units.follow_up_month = follow_ups.follow_up_month

    group by
        units.comparison_id,
        units.arm,
        follow_ups.step_number,
        units.follow_up_month

),

final as (

    select
        ---------- ids
        comparison_id,

        ---------- strings
        arm,
        step,

        ---------- numerics
        cast(step_number as integer) as step_number,
        cast(people_count as integer) as people_count

    from steps

)

select * from final
