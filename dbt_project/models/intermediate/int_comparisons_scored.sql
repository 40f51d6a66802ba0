{#
    One row per trial comparison, eligible episode, instrument and scheduled
    follow-up, with the outcomes at it. The trials' cmp_ marts are this.
#}

with

assigned as (

    select * from {{ ref('int_episodes_assigned_to_comparisons') }}

),

follow_ups as (

    select * from {{ ref('int_episodes_scored_at_follow_ups') }}

),

baselines as (

    select * from {{ ref('int_episodes_scored_at_baseline') }}

),

instruments as (

    select * from {{ ref('instruments') }}

),

paired as (

    select
        assigned.*,
        follow_ups.instrument,
        follow_ups.follow_up_month,
        follow_ups.points,
        baselines.baseline_points,
        instruments.remission_below_points,
        baselines.baseline_points >= instruments.response_floor_points
            as is_response_eligible
    from assigned

    inner join follow_ups
        on assigned.episode_id = follow_ups.episode_id

    inner join instruments
        on follow_ups.instrument = instruments.instrument

    left join baselines
        on
            follow_ups.episode_id = baselines.episode_id
            and follow_ups.instrument = baselines.instrument

),

scored as (

    select
        ---------- ids
        comparison_id,
        episode_id,
        patient_id,
        cluster_id,

        ---------- strings
        source,
        arm,
        instrument,

        ---------- numerics
        baseline_points,
        follow_up_month,
        points,

        ---------- booleans
        is_exposed,
        is_randomised,
        is_on_medication_at_start,
        is_current_episode_over_6_months,
        is_response_eligible,

        -- null, not false: not eligible, or not observed
        case when is_response_eligible then 2 * points <= baseline_points end
            as is_response,
        case when is_response_eligible then points < remission_below_points end
            as is_remission

    from paired

)

select * from scored
