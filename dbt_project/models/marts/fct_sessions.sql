{#
    One row per planned contact, attended or not, with its place in the episode.
    A session of an episode that is not known here has no episode.
#}

with

sessions as (

    select * from {{ ref('int_sessions_grouped_into_episodes') }}

),

episodes as (

    select * from {{ ref('int_episodes_started') }}

),

formats as (

    select * from {{ ref('formats') }}

),

described as (

    select
        sessions.*,
        episodes.episode_id as known_episode_id,
        episodes.index_on,
        formats.minimum_participants,
        -- a session whose type is not given counts as treatment
        sessions.attendance = 'attended'
        and coalesce(sessions.session_type, 'treatment') = 'treatment'
            as is_attended_treatment
    from sessions

    left join episodes
        on sessions.episode_id = episodes.episode_id

    left join formats
        on sessions.format = formats.format

),

numbered as (

    -- two sessions on one day are told apart by their key
    select
        *,
        row_number() over (
            partition by known_episode_id, is_attended_treatment
            order by
                held_on,
                session_id
        ) as number_among_alike,
        max(case when attendance = 'attended' then held_on end) over (
            partition by known_episode_id
            order by
                held_on,
                session_id
            rows between unbounded preceding and 1 preceding
        ) as previous_attended_on
    from described

),

final as (

    select
        ---------- ids
        session_id,
        patient_id,
        known_episode_id as episode_id,
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
        cast(
            case
                when is_attended_treatment and known_episode_id is not null
                    then number_among_alike
            end as integer
        ) as session_number,
        cast(
            {{ days_between('index_on', 'held_on') }} as integer
        ) as days_since_start,
        cast(
            case
                when known_episode_id is not null
                    then {{ days_between('previous_attended_on', 'held_on') }}
            end as integer
        ) as days_since_previous,
        duration_minutes,
        participants_count,
        homework_completed_percent,

        ---------- booleans
        is_attended_treatment,
        participants_count >= minimum_participants as is_format_confirmed,
        is_homework_assigned,
        is_goal_set,
        is_episode_derived,

        ---------- dates
        held_on

    from numbered

)

select * from final
