{#
    One row per finished course of therapy: an episode known to have ended, with
    two attended treatment sessions or more, and the day it finished.
#}

with

episodes as (

    select * from {{ ref('int_episodes_started') }}

),

endings as (

    select * from {{ ref('int_episodes_ended') }}

),

attended as (

    select * from {{ ref('int_episodes_attended') }}

),

final as (

    select
        ---------- ids
        episodes.episode_id,
        episodes.patient_id,

        ---------- strings
        episodes.source,

        ---------- numerics
        attended.attended_treatment_sessions_count as treatment_sessions_count,

        ---------- dates
        endings.known_end_on as finished_on

    from episodes

    inner join endings
        on episodes.episode_id = endings.episode_id

    inner join attended
        on episodes.episode_id = attended.episode_id

    where
        endings.is_finished
        and attended.attended_treatment_sessions_count
        >= {{ threshold('finished_course_from_sessions') }}

)

select * from final
