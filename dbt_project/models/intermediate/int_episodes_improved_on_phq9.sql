{#
    One row per episode with a PHQ-9 up to its end: whether the last score is
    reliably better than the baseline, and whether it is still at caseness. The
    latter needs no baseline.
#}

with

baselines as (

    select * from {{ ref('int_episodes_scored_at_baseline') }}
    where instrument = 'phq9'

),

last_scores as (

    select * from {{ ref('int_episodes_scored_last') }}
    where instrument = 'phq9'

),

instruments as (

    select * from {{ ref('instruments') }}
    where instrument = 'phq9'

),

judged as (

    select
        ---------- ids
        baselines.episode_id,

        ---------- booleans
        baselines.baseline_points - last_scores.last_points
        >= instruments.reliable_change_points as is_reliably_improved,
        coalesce(last_scores.last_points, baselines.baseline_points)
        >= instruments.caseness_from_points as is_last_at_caseness

    from baselines

    inner join instruments
        on baselines.instrument = instruments.instrument

    left join last_scores
        on baselines.episode_id = last_scores.episode_id

)

select * from judged
