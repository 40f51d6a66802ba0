{#
    One row per episode and instrument with a baseline: the last score in the 30
    days up to day 0; failing that, the first in the week after it and before
    the second session.
#}

with

assessments as (

    select * from {{ ref('int_assessments_matched_to_episodes') }}

),

episodes as (

    select * from {{ ref('int_episodes_started') }}

),

eligible as (

    select
        assessments.*,
        case
            when assessments.days_since_start <= 0 then 'before_start'
            else 'first_week'
        end as baseline_source
    from assessments

    inner join episodes
        on assessments.episode_id = episodes.episode_id

    where
        assessments.points is not null
        and assessments.days_since_start
        >= -{{ threshold('baseline_days_before') }}
        and assessments.days_since_start
        <= {{ threshold('baseline_days_after') }}
        and (
            assessments.days_since_start <= 0
            or coalesce(
                assessments.completed_on < episodes.second_attended_on, true
            )
        )

),

ranked as (

    -- before_start comes first in the alphabet too; then nearest to day 0;
    -- two of one day are told apart by key
    select
        *,
        row_number() over (
            partition by episode_id, instrument
            order by
                baseline_source,
                abs(days_since_start),
                assessment_id
        ) as preferred_first
    from eligible

),

chosen as (

    select
        ---------- ids
        episode_id,

        ---------- strings
        instrument,
        baseline_source,
        severity_band as baseline_band,

        ---------- numerics
        points as baseline_points,
        severity_rank as baseline_rank,

        ---------- dates
        completed_on as baseline_on

    from ranked

    where preferred_first = 1

)

select * from chosen
