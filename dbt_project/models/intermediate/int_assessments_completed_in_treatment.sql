{#
    One row per scored questionnaire that follows the baseline of its episode and
    instrument, no later than the end of the episode: the recorded day, else the
    last attended session of one that is known to have ended. Without a baseline
    there is nothing to follow.
#}

with

assessments as (

    select * from {{ ref('int_assessments_matched_to_episodes') }}

),

baselines as (

    select * from {{ ref('int_episodes_scored_at_baseline') }}

),

endings as (

    select * from {{ ref('int_episodes_ended') }}

),

final as (

    select
        ---------- ids
        assessments.assessment_id,
        assessments.episode_id,

        ---------- strings
        assessments.instrument,
        assessments.severity_band,

        ---------- numerics
        assessments.points,
        assessments.severity_rank,
        assessments.days_since_start,
        baselines.baseline_points,

        ---------- dates
        assessments.completed_on

    from assessments

    inner join baselines
        on
            assessments.episode_id = baselines.episode_id
            and assessments.instrument = baselines.instrument
            and assessments.completed_on > baselines.baseline_on

    inner join endings
        on assessments.episode_id = endings.episode_id

    where
        assessments.points is not null
        and coalesce(
            assessments.completed_on <= endings.known_end_on, true
        )

)

select * from final
