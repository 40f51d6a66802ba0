{#
    One row per session with its episode: the recorded one, or, where no source
    of the namespace sends episodes, the one that the gap rule makes. A gap of
    so many days between attended sessions starts a new episode.

    gap_threshold is the row of seeds/thresholds.csv that holds the days.
#}
{% macro sessions_grouped_into_episodes(gap_threshold) -%}

with

sessions as (

    select * from {{ ref('stg_sessions') }}

),

feeds as (

    select * from {{ ref('int_feeds_supplied_by_namespace') }}
    where feed = 'episodes'

),

ordered as (

    select
        sessions.*,
        coalesce(feeds.is_supplied, false) as has_recorded_episodes,
        -- within a day whoever came is placed first: a missed session of that
        -- day belongs to the episode that begins on it
        coalesce(sessions.attendance = 'attended', false) as is_attended,
        case when sessions.attendance = 'attended' then sessions.held_on end
            as attended_on
    from sessions

    left join feeds
        on sessions.source = feeds.source

),

with_previous as (

    select
        *,
        max(attended_on) over (
            partition by source, patient_id
            order by
                held_on,
                is_attended desc,
                session_id
            rows between unbounded preceding and 1 preceding
        ) as previous_attended_on
    from ordered

),

gaps_marked as (

    select
        *,
        case
            when
                attended_on is not null
                and {{ days_between('previous_attended_on', 'attended_on') }}
                >= {{ threshold(gap_threshold) }}
                then 1
            else 0
        end as starts_after_a_gap
    from with_previous

),

numbered as (

    select
        *,
        sum(starts_after_a_gap) over (
            partition by source, patient_id
            order by
                held_on,
                is_attended desc,
                session_id
            rows between unbounded preceding and current row
        ) as episode_number
    from gaps_marked

),

dated as (

    select
        *,
        min(attended_on) over (
            partition by source, patient_id, episode_number
        ) as first_attended_on
    from numbered

),

grouped as (

    select
        ---------- ids
        session_id,
        patient_id,
        case
            when has_recorded_episodes then episode_id
            -- sessions nobody attended make no episode
            when first_attended_on is not null
                then
                    split_part(patient_id, ':', 1) || ':'
                    || md5(
                        source || '|' || patient_id || '|'
                        || cast(first_attended_on as varchar)
                    )
        end as episode_id,
        clinician_id,
        site_id,

        ---------- strings
        source,
        attendance,
        session_type,
        modality,
        format,
        delivery_mode,

        ---------- numerics
        duration_minutes,
        participants_count,
        homework_completed_percent,

        ---------- booleans
        not has_recorded_episodes as is_episode_derived,
        is_homework_assigned,
        is_goal_set,

        ---------- dates
        held_on

    from dated

)

select * from grouped

{%- endmacro %}
