{#
    One row per unit of which is known whether the person was not well two years
    after day 0: no remission by week 52, or ill again within 52 weeks of it.
    Remission is a score below the threshold four weeks or more after another,
    with none above between them. Returns are left out, as in every outcome.
#}

with

units as (

    select * from {{ ref('int_units_started') }}

),

outcome_windows as (

    select * from {{ ref('outcome_windows') }}

),

instruments as (

    select * from {{ ref('instruments') }}
    where instrument = 'phq9'

),

window_scores as (

    select * from {{ ref('int_units_scored_without_returns') }}
    where
        instrument = 'phq9'
        and points is not null

),

assessments as (

    select * from {{ ref('int_assessments_scored') }}
    where
        instrument = 'phq9'
        and points is not null
        and coalesce(collection_reason != 'return', true)

),

due as (

    select units.*
    from units

    inner join outcome_windows
        on
            outcome_windows.outcome_window = '24mo'
            and units.followed_days >= outcome_windows.to_day

),

ranked as (

    select
        due.unit_id,
        assessments.assessment_id,
        assessments.points < instruments.remission_below_points as is_below,
        assessments.points >= instruments.relapse_from_points as is_ill,
        {{ days_between('due.index_on', 'assessments.completed_on') }}
            as score_day,
        row_number() over (
            partition by due.unit_id, assessments.completed_on
            order by assessments.assessment_id
        ) as first_of_day
    from due

    inner join assessments
        on
            due.patient_id = assessments.patient_id
            and due.index_on < assessments.completed_on

    cross join instruments

),

numbered as (

    -- scores below the threshold share a number until one that is not
    select
        *,
        sum(case when is_below then 0 else 1 end) over (
            partition by unit_id
            order by score_day
            rows between unbounded preceding and current row
        ) as run_number
    from ranked
    where first_of_day = 1

),

runs as (

    select
        *,
        min(score_day) over (
            partition by unit_id, run_number
        ) as run_started_day
    from numbered
    where is_below

),

remitted as (

    select
        unit_id,
        min(score_day) as remitted_day
    from runs
    where
        score_day - run_started_day
        >= {{ threshold('length_remission_confirmed_days') }}
        and score_day < 7 * ({{ threshold('length_long_week') }} + 1)
    group by unit_id

),

followed as (

    select
        remitted.unit_id,
        bool_or(
            numbered.is_ill
            and numbered.score_day - remitted.remitted_day
            <= 7 * {{ threshold('length_long_week') }}
        ) as is_relapsed,
        max(numbered.score_day) - remitted.remitted_day as followed_days
    from remitted

    inner join numbered
        on
            remitted.unit_id = numbered.unit_id
            and remitted.remitted_day <= numbered.score_day

    group by
        remitted.unit_id,
        remitted.remitted_day

),

judged as (

    -- who never remitted is known by a score of about week 52; who stayed well,
    -- by one that came a year after the remission, give or take two months
    select
        due.unit_id,
        case
            when followed.unit_id is null
                then
                    case when window_scores.unit_id is not null then true end
            when followed.is_relapsed then true
            when followed.followed_days >= outcome_windows.from_day then false
        end as is_not_well
    from due

    inner join outcome_windows
        on outcome_windows.outcome_window = '12mo'

    left join window_scores
        on
            due.unit_id = window_scores.unit_id
            and window_scores.outcome_window = '12mo'

    left join followed
        on due.unit_id = followed.unit_id

),

final as (

    select
        ---------- ids
        unit_id,

        ---------- booleans
        is_not_well

    from judged

    where is_not_well is not null

)

select * from final
