{#
    One row per episode: whether it was a failed course of therapy, that is,
    enough attended sessions without a reliable improvement on the PHQ-9.
#}

with

attended as (

    select * from {{ ref('int_episodes_attended') }}

),

improvements as (

    select * from {{ ref('int_episodes_improved_on_phq9') }}

),

judged as (

    select
        ---------- ids
        attended.episode_id,

        ---------- booleans
        attended.attended_treatment_sessions_count
        >= {{ threshold('failed_therapy_from_sessions') }}
        and not improvements.is_reliably_improved as is_failed

    from attended

    left join improvements
        on attended.episode_id = improvements.episode_id

)

select * from judged
