{#
    One row per episode that a diagnosis recorded by day 0 keeps out of the
    comparisons: bipolar disorder or psychosis.
#}

with

episodes as (

    select * from {{ ref('int_episodes_started') }}

),

diagnoses as (

    select * from {{ ref('stg_diagnoses') }}

),

excluded_diagnoses as (

    select * from {{ ref('excluded_diagnoses') }}

),

excluded as (

    select distinct episodes.episode_id
    from episodes

    inner join diagnoses
        on
            episodes.patient_id = diagnoses.patient_id
            and episodes.index_on >= diagnoses.recorded_on

    inner join excluded_diagnoses
        on substr(diagnoses.code, 1, 3) = excluded_diagnoses.code_group

    -- a diagnosis whose state is not given counts
    where coalesce(diagnoses.is_active, true)

)

select * from excluded
