{#
    One row per episode and instrument with a later score: the last one after
    the baseline, no later than the end of the episode where that is known.
    Without a baseline there is nothing to be later than.
#}

with

assessments as (

    select * from {{ ref('int_assessments_matched_to_episodes') }}

),

baselines as (

    select * from {{ ref('int_episodes_scored_at_baseline') }}

),

episodes as (

    select * from {{ ref('int_episodes_started') }}

),

later as (

    select
        assessments.*,
        row_number() over (
            partition by assessments.episode_id, assessments.instrument
            order by
                assessments.completed_on desc,
                assessments.assessment_id asc
        ) as latest_first
    from assessments

    inner join baselines
        on
            assessments.episode_id = baselines.episode_id
            and assessments.instrument = baselines.instrument
            and assessments.completed_on > baselines.baseline_on

    inner join episodes
        on assessments.episode_id = episodes.episode_id

    where
        assessments.points is not null
        and coalesce(assessments.completed_on <= episodes.ended_on, true)

),

chosen as (

    select
        ---------- ids
        episode_id,

        ---------- strings
        instrument,

        ---------- numerics
        points as last_points,

        ---------- dates
        completed_on as last_on

    from later

    where latest_first = 1

)

select * from chosen
