{#
    One row per course of care, usual care included. What it was like: how long,
    how many sessions, which kind and format, with which medication.
#}

with

episodes as (

    select * from {{ ref('int_episodes_started') }}

),

descriptions as (

    select * from {{ ref('int_episodes_described') }}

),

medication_groups as (

    select * from {{ ref('int_episodes_grouped_by_medication') }}

),

session_feeds as (

    select * from {{ ref('int_feeds_supplied_by_namespace') }}
    where feed = 'sessions'

),

measured as (

    select
        episodes.*,
        descriptions.age_at_start_years,
        descriptions.has_relative_dates,
        descriptions.is_chronic,
        descriptions.is_current_episode_over_6_months,
        descriptions.is_treatment_resistant as is_described_as_resistant,
        medication_groups.medication_group,
        medication_groups.is_on_medication_at_start,
        coalesce(session_feeds.is_supplied, false) as has_sessions_feed,
        cast(
            {{ days_between(
                'episodes.index_on',
                'coalesce(episodes.last_attended_on, episodes.ended_on)'
            ) }}
            as integer
        ) as length_days
    from episodes

    inner join descriptions
        on episodes.episode_id = descriptions.episode_id

    inner join medication_groups
        on episodes.episode_id = medication_groups.episode_id

    left join session_feeds
        on episodes.source = session_feeds.source

),

counted as (

    select
        *,
        -- no sessions feed is not measured; no session attended is 0
        case
            when has_sessions_feed then coalesce(attended_sessions_count, 0)
        end as sessions_count
    from measured

),

final as (

    select
        ---------- ids
        episode_id,
        patient_id,
        site_id,
        first_clinician_id,

        ---------- strings
        source,
        coalesce(first_modality, modality) as modality,
        allocated_arm,
        first_format as format,
        first_delivery_mode as delivery_mode,
        intended_length,
        end_reason,
        depression_duration_band,
        medication_group,
        case
            when sessions_count is null or sessions_count = 0 then null
            when sessions_count >= {{ threshold('length_long_from_sessions') }}
                then 'long'
            when length_days >= {{ threshold('length_long_from_days') }}
                then 'long'
            -- one that goes on may still become long
            when
                ended_on is null
                and coalesce(end_reason, 'ongoing') = 'ongoing'
                then null
            when
                sessions_count <= {{ threshold('length_short_up_to_sessions') }}
                then 'short'
            else 'intermediate'
        end as length_class,

        ---------- numerics
        age_at_start_years,
        depression_onset_months,
        current_episode_months,
        adequate_medication_trials,
        prior_therapy_episodes,
        sessions_count as attended_sessions_count,
        length_days,

        ---------- booleans
        is_derived,
        has_relative_dates,
        is_first_episode,
        is_randomised,
        is_on_medication_at_start,
        is_described_as_resistant as is_treatment_resistant,
        is_chronic,
        is_current_episode_over_6_months,

        ---------- dates
        referred_on,
        started_on,
        index_on,
        ended_on

    from counted

)

select * from final
