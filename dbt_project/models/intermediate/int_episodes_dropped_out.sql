{#
    One row per episode: how it ended, and whether the person dropped out or left
    before a reliable improvement. Dropout is a coded unplanned end, or silence
    without a discharge while the last PHQ-9 was still at caseness.
#}

with

episodes as (

    select * from {{ ref('int_episodes_started') }}

),

attended as (

    select * from {{ ref('int_episodes_attended') }}

),

endings as (

    select * from {{ ref('int_episodes_ended') }}

),

improvements as (

    select * from {{ ref('int_episodes_improved_on_phq9') }}

),

judged as (

    select
        episodes.episode_id,
        episodes.end_reason,
        attended.attended_treatment_sessions_count,
        endings.is_finished,
        endings.is_discharged,
        endings.is_ended_by_death,
        improvements.is_reliably_improved,
        case
            when endings.is_dropout_coded then true
            when endings.is_discharged or endings.is_ended_by_death then false
            when attended.attended_treatment_sessions_count = 0 then false
            when not endings.is_silent then false
            when endings.is_silent then improvements.is_last_at_caseness
        end as is_dropped_out
    from episodes

    inner join attended
        on episodes.episode_id = attended.episode_id

    inner join endings
        on episodes.episode_id = endings.episode_id

    left join improvements
        on episodes.episode_id = improvements.episode_id

),

named as (

    select
        ---------- ids
        episode_id,

        ---------- strings
        case
            when not is_finished then 'ongoing'
            when is_discharged and end_reason != 'ongoing' then end_reason
            when is_ended_by_death then 'died'
            when is_dropped_out then 'dropped_out'
            else 'unknown'
        end as end_kind,

        ---------- booleans
        is_dropped_out,
        case
            when is_finished and attended_treatment_sessions_count > 0
                then not is_reliably_improved
        end as is_left_before_improvement

    from judged

)

select * from named
