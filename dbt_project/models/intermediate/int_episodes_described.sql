{#
    One row per episode with what is known of the person and the depression at
    day 0: age, chronicity, resistance. Null means not known.
#}

with

episodes as (

    select * from {{ ref('int_episodes_started') }}

),

patients as (

    select * from {{ ref('int_patients_merged_across_sources') }}

),

feeds as (

    select distinct
        source,
        date_mode
    from {{ ref('int_feeds_supplied_by_namespace') }}

),

described as (

    select
        ---------- ids
        episodes.episode_id,

        ---------- numerics
        -- anchored days have a real year only where the index year is known
        case
            when feeds.date_mode = 'calendar' or patients.index_year is not null
                then
                    cast(
                        extract(year from episodes.index_on)
                        - patients.birth_year as integer
                    )
        end as age_at_start_years,

        ---------- booleans
        feeds.date_mode = 'relative' as has_relative_dates,
        case
            when episodes.current_episode_months is not null
                then
                    episodes.current_episode_months
                    >= {{ threshold('chronic_from_months') }}
            when episodes.depression_duration_band = 'over_24_months' then true
            when episodes.depression_duration_band = 'up_to_6_months' then false
        end as is_chronic,
        case
            when episodes.current_episode_months is not null
                then
                    episodes.current_episode_months
                    > {{ threshold('long_current_episode_over_months') }}
            when
                episodes.depression_duration_band
                in ('over_6_months', 'over_24_months')
                then true
            when episodes.depression_duration_band = 'up_to_6_months' then false
        end as is_current_episode_over_6_months,
        coalesce(
            episodes.is_treatment_resistant,
            episodes.adequate_medication_trials
            >= {{ threshold('treatment_resistant_from_trials') }}
        ) as is_treatment_resistant

    from episodes

    left join patients
        on episodes.patient_id = patients.patient_id

    left join feeds
        on episodes.source = feeds.source

)

select * from described
