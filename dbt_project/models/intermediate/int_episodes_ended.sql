{#
    One row per episode: whether it is known to have ended, and its last day. A
    course ends by what the source says, by death, or because the data run past
    the gap that would have continued it.
#}

with

episodes as (

    select * from {{ ref('int_episodes_started') }}

),

attended as (

    select * from {{ ref('int_episodes_attended') }}

),

patients as (

    select * from {{ ref('int_patients_merged_across_sources') }}

),

sources as (

    select * from {{ ref('int_sources_observed') }}

),

modalities as (

    select * from {{ ref('modalities') }}

),

end_reasons as (

    select * from {{ ref('end_reasons') }}

),

silences_measured as (

    select
        episodes.episode_id,
        episodes.last_attended_on,
        episodes.ended_on,
        attended.attended_treatment_sessions_count,
        -- the last day of a derived course is no discharge: nobody wrote one
        coalesce(end_reasons.is_end, false)
        or (episodes.ended_on is not null and not episodes.is_derived)
            as is_discharged,
        coalesce(end_reasons.is_dropout, false) as is_dropout_coded,
        coalesce(modalities.is_therapy, true) as is_therapy,
        {{ days_between(
            'episodes.last_attended_on', 'sources.data_to'
        ) }} as silent_days,
        -- what the data cannot hold yet is not known
        coalesce(patients.died_on <= sources.data_to, false) as is_dead,
        {{ days_between(
            'episodes.last_attended_on', 'patients.died_on'
        ) }} as days_to_death
    from episodes

    inner join attended
        on episodes.episode_id = attended.episode_id

    left join patients
        on episodes.patient_id = patients.patient_id

    left join sources
        on episodes.source = sources.source

    left join modalities
        on episodes.modality = modalities.modality

    left join end_reasons
        on episodes.end_reason = end_reasons.end_reason

),

endings_judged as (

    select
        *,
        coalesce(
            silent_days >= {{ threshold('episode_gap_days') }}, false
        ) as is_gap_passed,
        -- death within the gap came before the gap could end the course; so it
        -- did where nobody ever came
        not is_discharged
        and is_dead
        and coalesce(
            days_to_death < {{ threshold('episode_gap_days') }}, true
        ) as is_ended_by_death
    from silences_measured

),

ended as (

    select
        ---------- ids
        episode_id,

        ---------- booleans
        is_gap_passed or is_discharged or is_ended_by_death as is_finished,
        is_discharged,
        is_dropout_coded,
        is_ended_by_death,
        silent_days >= {{ threshold('dropout_silent_days') }} as is_silent,
        case
            when attended_treatment_sessions_count is null then null
            when not is_therapy then null
            else
                (is_gap_passed or is_discharged or is_ended_by_death)
                and attended_treatment_sessions_count = 0
        end as is_ended_before_treatment,

        ---------- dates
        -- a discharge may be written long after the last session
        coalesce(last_attended_on, ended_on) as last_on,
        coalesce(
            ended_on,
            case
                when is_gap_passed or is_discharged or is_ended_by_death
                    then last_attended_on
            end
        ) as known_end_on

    from endings_judged

)

select * from ended
