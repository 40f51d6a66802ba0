{#
    One row per eligible episode and week in which the person attended a treatment
    session, up to the stop and to the last week before week 52: what was known
    in that week, for a model of who stops. Weeks are counted from day 0, from 0.
#}

with

episodes as (

    select * from {{ ref('int_episodes_eligible_for_service_comparison') }}

),

stops as (

    select * from {{ ref('int_episodes_stopped') }}

),

sessions as (

    select * from {{ ref('stg_sessions') }}
    where coalesce(session_type, 'treatment') = 'treatment'

),

assessments as (

    select * from {{ ref('int_assessments_scored') }}
    where
        instrument = 'phq9'
        and points is not null

),

runs as (

    select * from {{ ref('int_medications_merged_by_patient') }}
    where cover = 'any_record'

),

feeds as (

    select * from {{ ref('int_feeds_supplied_by_namespace') }}
    where feed = 'medications'

),

dated as (

    select
        episodes.episode_id,
        episodes.patient_id,
        episodes.source,
        episodes.index_on,
        episodes.baseline_on,
        episodes.baseline_points,
        episodes.item_9_points as baseline_item_9_points,
        stops.stop_week,
        stops.stopped_on,
        sessions.held_on,
        sessions.attendance,
        cast(
            floor(
                {{ days_between('episodes.index_on', 'sessions.held_on') }} / 7
            ) as integer
        ) as week
    from episodes

    inner join stops
        on episodes.episode_id = stops.episode_id

    inner join sessions
        on
            episodes.patient_id = sessions.patient_id
            and episodes.index_on <= sessions.held_on
            and stops.stopped_on >= sessions.held_on

),

weeks as (

    select
        episode_id,
        week,
        max(patient_id) as patient_id,
        max(source) as source,
        max(index_on) as index_on,
        max(baseline_on) as baseline_on,
        max(baseline_points) as baseline_points,
        max(baseline_item_9_points) as baseline_item_9_points,
        max(stop_week) as stop_week,
        min(held_on) as first_held_on,
        max(held_on) as last_held_on
    from dated
    where attendance = 'attended'
    group by
        episode_id,
        week

),

neighboured as (

    select
        *,
        lead(week) over (
            partition by episode_id
            order by week
        ) as next_week,
        lag(last_held_on) over (
            partition by episode_id
            order by week
        ) as previous_held_on
    from weeks

),

missed as (

    -- what a service cancels, nobody missed
    select
        neighboured.episode_id,
        neighboured.week,
        count(*) as missed_count
    from neighboured

    inner join dated
        on
            neighboured.episode_id = dated.episode_id
            and neighboured.previous_held_on < dated.held_on
            and neighboured.last_held_on >= dated.held_on

    where
        dated.attendance in (
            'did_not_attend',
            'cancelled_late_by_patient',
            'cancelled_by_patient'
        )

    group by
        neighboured.episode_id,
        neighboured.week

),

scores as (

    -- the baseline is the first of them; two of one day are told apart by key
    select
        episodes.episode_id,
        assessments.assessment_id,
        assessments.points,
        assessments.item_9_points,
        assessments.completed_on,
        row_number() over (
            partition by episodes.episode_id, assessments.completed_on
            order by assessments.assessment_id
        ) as first_of_day
    from episodes

    inner join assessments
        on
            episodes.patient_id = assessments.patient_id
            and greatest(episodes.index_on, episodes.baseline_on)
            < assessments.completed_on

),

scores_with_previous as (

    select
        scores.*,
        coalesce(
            lag(scores.points) over (
                partition by scores.episode_id
                order by scores.completed_on
            ),
            episodes.baseline_points
        ) as previous_points
    from scores

    inner join episodes
        on scores.episode_id = episodes.episode_id

    where scores.first_of_day = 1

),

scored as (

    select
        neighboured.*,
        scores_with_previous.points,
        scores_with_previous.item_9_points,
        scores_with_previous.previous_points,
        scores_with_previous.completed_on,
        row_number() over (
            partition by neighboured.episode_id, neighboured.week
            order by scores_with_previous.completed_on desc
        ) as latest_first
    from neighboured

    left join scores_with_previous
        on
            neighboured.episode_id = scores_with_previous.episode_id
            and scores_with_previous.completed_on
            < {{ add_days(
                'neighboured.index_on', '7 * (neighboured.week + 1)'
            ) }}

),

covered as (

    select distinct
        neighboured.episode_id,
        neighboured.week
    from neighboured

    inner join runs
        on
            neighboured.patient_id = runs.patient_id
            and {{ days_between(
                "cast('1970-01-01' as date)", 'neighboured.last_held_on'
            ) }}
            between runs.first_day and runs.last_day

),

final as (

    select
        ---------- ids
        scored.episode_id as unit_id,

        ---------- numerics
        scored.week,
        coalesce(scored.points, scored.baseline_points) as current_points,
        scored.previous_points,
        cast(
            greatest(
                {{ days_between(
                    'coalesce(scored.completed_on, scored.baseline_on)',
                    'scored.last_held_on'
                ) }},
                0
            ) as integer
        ) as score_age_days,
        cast(coalesce(missed.missed_count, 0) as integer) as missed_count,
        cast(scored.next_week - scored.week as integer) as gap_weeks,
        case
            when scored.points is not null then scored.item_9_points
            else scored.baseline_item_9_points
        end as item_9_points,

        ---------- booleans
        scored.week = scored.stop_week as is_last,
        case
            when coalesce(feeds.is_supplied, false)
                then covered.episode_id is not null
        end as is_on_medication

    from scored

    left join missed
        on
            scored.episode_id = missed.episode_id
            and scored.week = missed.week

    left join covered
        on
            scored.episode_id = covered.episode_id
            and scored.week = covered.week

    left join feeds
        on scored.source = feeds.source

    where
        scored.latest_first = 1
        and scored.week < {{ threshold('length_long_week') }}

)

select * from final
