{#
    One row per episode and instrument that responded in treatment: the first
    score of half the baseline or less. Counted only from the instrument's
    response floor.
#}

with

scores_in_treatment as (

    select * from {{ ref('int_assessments_completed_in_treatment') }}

),

instruments as (

    select * from {{ ref('instruments') }}

),

responses as (

    select scores_in_treatment.*
    from scores_in_treatment

    inner join instruments
        on
            scores_in_treatment.instrument = instruments.instrument
            and scores_in_treatment.baseline_points
            >= instruments.response_floor_points

    where 2 * scores_in_treatment.points <= scores_in_treatment.baseline_points

),

final as (

    -- the day alone is taken, so two scores of one day are one response
    select
        ---------- ids
        episode_id,

        ---------- strings
        instrument,

        ---------- numerics
        min(days_since_start) as days_to_response,

        ---------- dates
        min(completed_on) as response_on

    from responses

    group by
        episode_id,
        instrument

)

select * from final
