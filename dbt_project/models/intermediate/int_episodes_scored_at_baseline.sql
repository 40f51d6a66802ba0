{#
    One row per episode and instrument with a baseline: the person's last score in
    the 30 days up to day 0, that of an earlier episode too; failing that, the
    first in the week after it and before the second session.
#}

with

assessments as (

    select * from {{ ref('int_assessments_scored') }}

),

episodes as (

    select * from {{ ref('int_episodes_started') }}

),

dated as (

    select
        assessments.assessment_id,
        assessments.patient_id,
        assessments.instrument,
        assessments.points,
        assessments.item_9_points,
        assessments.severity_band,
        assessments.severity_rank,
        assessments.completed_on,
        episodes.episode_id,
        episodes.second_attended_on,
        {{ days_between('episodes.index_on', 'assessments.completed_on') }}
            as days_since_start
    from assessments

    inner join episodes
        on assessments.patient_id = episodes.patient_id

    where assessments.points is not null

),

eligible as (

    select
        *,
        case
            when days_since_start <= 0 then 'before_start'
            else 'first_week'
        end as baseline_source
    from dated
    where
        days_since_start >= -{{ threshold('baseline_days_before') }}
        and days_since_start <= {{ threshold('baseline_days_after') }}
        and (
            days_since_start <= 0
            or coalesce(completed_on < second_attended_on, true)
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
        patient_id,

        ---------- strings
        instrument,
        baseline_source,
        severity_band as baseline_band,

        ---------- numerics
        points as baseline_points,
        item_9_points,
        severity_rank as baseline_rank,

        ---------- dates
        completed_on as baseline_on

    from ranked

    where preferred_first = 1

)

select * from chosen
