{#
    One row per episode with a PHQ-9 up to its end: whether the last score is
    reliably better than the baseline, and whether it is still at caseness. The
    latter needs no baseline.
#}

with

assessments as (

    select * from {{ ref('int_assessments_matched_to_episodes') }}
    where
        instrument = 'phq9'
        and points is not null

),

endings as (

    select * from {{ ref('int_episodes_ended') }}

),

baselines as (

    select * from {{ ref('int_episodes_scored_at_baseline') }}

),

last_scores as (

    select * from {{ ref('int_episodes_scored_last') }}

),

instruments as (

    select * from {{ ref('instruments') }}

),

ranked as (

    -- two of one day are told apart by key
    select
        assessments.episode_id,
        assessments.instrument,
        assessments.points,
        row_number() over (
            partition by assessments.episode_id
            order by
                assessments.completed_on desc,
                assessments.assessment_id asc
        ) as latest_first
    from assessments

    inner join endings
        on assessments.episode_id = endings.episode_id

    where coalesce(assessments.completed_on <= endings.known_end_on, true)

),

judged as (

    select
        ---------- ids
        ranked.episode_id,

        ---------- booleans
        baselines.baseline_points - last_scores.last_points
        >= instruments.reliable_change_points as is_reliably_improved,
        ranked.points >= instruments.caseness_from_points as is_last_at_caseness

    from ranked

    inner join instruments
        on ranked.instrument = instruments.instrument

    left join baselines
        on
            ranked.episode_id = baselines.episode_id
            and ranked.instrument = baselines.instrument

    left join last_scores
        on
            ranked.episode_id = last_scores.episode_id
            and ranked.instrument = last_scores.instrument

    where ranked.latest_first = 1

)

select * from judged
