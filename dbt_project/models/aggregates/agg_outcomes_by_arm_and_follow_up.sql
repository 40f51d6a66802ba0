{#
    One row per comparison, arm, instrument and scheduled follow-up: people,
    people seen, and how many responded or remitted. Counts are not yet
    suppressed: this table is never released.
#}

with

units as (

    {{ all_comparisons() }}

),

counted as (

    select
        comparison_id,
        arm,
        instrument,
        follow_up_month,
        count(distinct patient_id) as people_count,
        count(distinct case when points is not null then patient_id end)
            as observed_count,
        count(
            distinct case
                when is_response_eligible and points is not null then patient_id
            end
        ) as response_eligible_count,
        count(distinct case when is_response then patient_id end)
            as response_count,
        count(distinct case when is_remission then patient_id end)
            as remission_count
    from units
    group by
        comparison_id,
        arm,
        instrument,
        follow_up_month

),

final as (

    select
        ---------- ids
        comparison_id,

        ---------- strings
        arm,
        instrument,

        ---------- numerics
        follow_up_month,
        cast(people_count as integer) as people_count,
        cast(observed_count as integer) as observed_count,
        cast(response_eligible_count as integer) as response_eligible_count,
        cast(response_count as integer) as response_count,
        cast(remission_count as integer) as remission_count

    from counted

)

select * from final
