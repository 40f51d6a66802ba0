{#
    One row per episode with an attended treatment session: how many there were,
    when, and what the first one was like. A session whose type is not given
    counts as treatment. The last day is that of any attended session: a
    follow-up is contact too. Treatment itself may have stopped before.
#}

with

sessions as (

    select * from {{ ref('int_sessions_grouped_into_episodes') }}

),

attended as (

    select
        *,
        max(held_on) over (partition by episode_id) as last_attended_on
    from sessions
    where
        attendance = 'attended'
        and episode_id is not null

),

attended_treatment as (

    select * from attended
    where coalesce(session_type, 'treatment') = 'treatment'

),

numbered as (

    -- two sessions on one day are told apart by their key
    select
        *,
        row_number() over (
            partition by episode_id
            order by
                held_on,
                session_id
        ) as session_number
    from attended_treatment

),

summarised as (

    select
        ---------- ids
        episode_id,
        max(patient_id) as patient_id,
        max(case when session_number = 1 then clinician_id end)
            as first_clinician_id,
        max(case when session_number = 1 then site_id end) as first_site_id,

        ---------- strings
        max(source) as source,
        max(case when session_number = 1 then modality end) as first_modality,
        max(case when session_number = 1 then format end) as first_format,
        max(case when session_number = 1 then delivery_mode end)
            as first_delivery_mode,

        ---------- numerics
        cast(count(*) as integer) as attended_sessions_count,

        ---------- booleans
        bool_or(is_episode_derived) as is_episode_derived,

        ---------- dates
        min(held_on) as first_attended_on,
        max(case when session_number = 2 then held_on end)
            as second_attended_on,
        max(held_on) as last_treatment_on,
        max(last_attended_on) as last_attended_on

    from numbered

    group by episode_id

)

select * from summarised
