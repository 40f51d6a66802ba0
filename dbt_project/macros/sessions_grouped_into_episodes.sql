{#
    One row per session with its episode: the recorded one, named or open on that
    day, or, where its source sends no episodes, the one that the gap rule makes.
    A gap of so many days between attended sessions starts a new episode.

    gap_threshold is the row of seeds/thresholds.csv that holds the days.
#}
{% macro sessions_grouped_into_episodes(gap_threshold) -%}

with

sessions as (

    select * from {{ ref('stg_sessions') }}

),

recorded_episodes as (

    select
        episode_id,
        patient_id,
        source,
        ended_on,
        coalesce(started_on, referred_on) as opened_on
    from {{ ref('stg_episodes') }}

),

-- who sends episodes, and whose sessions name episodes that another source sends
sources_with_episodes as (

    select source from recorded_episodes

    union

    select sessions.source
    from sessions

    inner join recorded_episodes
        on
            sessions.episode_id = recorded_episodes.episode_id
            and sessions.patient_id = recorded_episodes.patient_id

),

placed as (

    -- a session that names no episode of its own patient is placed by its day
    select
        sessions.session_id,
        recorded_episodes.episode_id,
        row_number() over (
            partition by sessions.session_id
            order by
                case
                    when sessions.episode_id = recorded_episodes.episode_id
                        then 0
                    else 1
                end asc,
                recorded_episodes.opened_on desc,
                recorded_episodes.episode_id asc
        ) as best_first
    from sessions

    inner join recorded_episodes
        on
            sessions.patient_id = recorded_episodes.patient_id
            and (
                sessions.episode_id = recorded_episodes.episode_id
                or (
                    sessions.held_on >= recorded_episodes.opened_on
                    and coalesce(
                        sessions.held_on <= recorded_episodes.ended_on, true
                    )
                )
            )

),

ordered as (

    select
        sessions.*,
        placed.episode_id as recorded_episode_id,
        sources_with_episodes.source is not null as has_recorded_episodes,
        -- within a day whoever came is placed first: a missed session of that
        -- day belongs to the episode that begins on it
        coalesce(sessions.attendance = 'attended', false) as is_attended,
        case when sessions.attendance = 'attended' then sessions.held_on end
            as attended_on
    from sessions

    left join sources_with_episodes
        on sessions.source = sources_with_episodes.source

    left join placed
        on
            sessions.session_id = placed.session_id
            and placed.best_first = 1

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
            when has_recorded_episodes then recorded_episode_id
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
