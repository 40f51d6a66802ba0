{#
    One row per episode and instrument with a score in treatment after the
    baseline: the last of them.
#}

with

scores_in_treatment as (

    select * from {{ ref('int_assessments_completed_in_treatment') }}

),

ranked as (

    -- two of one day are told apart by key
    select
        *,
        row_number() over (
            partition by episode_id, instrument
            order by
                completed_on desc,
                assessment_id asc
        ) as latest_first
    from scores_in_treatment

),

chosen as (

    select
        ---------- ids
        episode_id,

        ---------- strings
        instrument,
        severity_band as last_band,

        ---------- numerics
        points as last_points,
        severity_rank as last_rank,

        ---------- dates
        completed_on as last_on

    from ranked

    where latest_first = 1

)

select * from chosen
