{#
    One row per patient and calendar month in which therapy could have been added
    to medication: six weeks on an antidepressant, ill by a recent PHQ-9, not in
    therapy, an adult and alive as far as known, and seen by the service. Whether
    therapy began within the grace of that day must be known by now.
#}

with

medicated as (

    select * from {{ ref('int_patients_medicated_by_month') }}

),

scores as (

    select * from {{ ref('int_patients_scored_by_month') }}
    where instrument = 'phq9'

),

instruments as (

    select * from {{ ref('instruments') }}

),

sources as (

    select * from {{ ref('int_sources_observed') }}

),

session_feeds as (

    select * from {{ ref('int_feeds_supplied_by_namespace') }}
    where
        feed = 'sessions'
        and is_supplied

),

patients as (

    select * from {{ ref('int_patients_merged_across_sources') }}

),

treatment_sessions as (

    select * from {{ ref('stg_sessions') }}
    where
        attendance = 'attended'
        and coalesce(session_type, 'treatment') = 'treatment'

),

diagnoses as (

    select * from {{ ref('stg_diagnoses') }}

),

excluded_diagnoses as (

    select * from {{ ref('excluded_diagnoses') }}

),

ill as (

    select
        medicated.patient_id,
        medicated.month_on,
        scores.source,
        scores.points as baseline_points,
        scores.item_9_points,
        patients.birth_year
    from medicated

    inner join scores
        on
            medicated.patient_id = scores.patient_id
            and medicated.month_on = scores.month_on

    inner join instruments
        on scores.instrument = instruments.instrument

    inner join sources
        on scores.source = sources.source

    inner join session_feeds
        on scores.source = session_feeds.source

    inner join patients
        on medicated.patient_id = patients.patient_id

    where
        scores.points >= instruments.response_floor_points
        and {{ days_between('medicated.month_on', 'sources.data_to') }}
        >= {{ threshold('added_therapy_grace_days') }}
        and coalesce(patients.died_on >= medicated.month_on, true)
        and coalesce(patients.observed_from <= medicated.month_on, true)
        and coalesce(patients.observed_to >= medicated.month_on, true)
        and coalesce(
            extract(year from medicated.month_on) - patients.birth_year
            >= {{ threshold('adult_from_years') }},
            true
        )

),

sessions_near as (

    select
        ill.patient_id,
        ill.month_on,
        bool_or(treatment_sessions.held_on < ill.month_on) as is_in_therapy,
        bool_or(treatment_sessions.held_on >= ill.month_on)
            as is_therapy_started
    from ill

    inner join treatment_sessions
        on ill.patient_id = treatment_sessions.patient_id

    where
        {{ days_between('treatment_sessions.held_on', 'ill.month_on') }}
        <= {{ threshold('episode_gap_days') }}
        and {{ days_between('ill.month_on', 'treatment_sessions.held_on') }}
        <= {{ threshold('added_therapy_grace_days') }}

    group by
        ill.patient_id,
        ill.month_on

),

excluded as (

    select distinct
        ill.patient_id,
        ill.month_on
    from ill

    inner join diagnoses
        on
            ill.patient_id = diagnoses.patient_id
            and ill.month_on >= diagnoses.recorded_on

    inner join excluded_diagnoses
        on substr(diagnoses.code, 1, 3) = excluded_diagnoses.code_group

    -- a diagnosis whose state is not given counts
    where coalesce(diagnoses.is_active, true)

),

final as (

    select
        ---------- ids
        ill.patient_id,

        ---------- strings
        ill.source,

        ---------- numerics
        ill.baseline_points,
        ill.item_9_points,

        ---------- booleans
        coalesce(sessions_near.is_therapy_started, false)
            as is_therapy_started,

        ---------- dates
        ill.month_on

    from ill

    left join sessions_near
        on
            ill.patient_id = sessions_near.patient_id
            and ill.month_on = sessions_near.month_on

    left join excluded
        on
            ill.patient_id = excluded.patient_id
            and ill.month_on = excluded.month_on

    where
        excluded.patient_id is null
        and not coalesce(sessions_near.is_in_therapy, false)

)

select * from final
