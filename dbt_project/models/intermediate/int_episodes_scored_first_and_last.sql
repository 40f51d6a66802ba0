{#
    One row per finished course and measure of the NHS recovery rule: its first
    and last recorded scores up to the day it finished. A single score, or two
    of one day, is a first without a last.
#}

with

assessments as (

    select * from {{ ref('int_assessments_matched_to_episodes') }}

),

courses as (

    select * from {{ ref('int_episodes_finished') }}

),

instruments as (

    select * from {{ ref('instruments') }}

),

ranked as (

    -- two of one day are told apart by key
    select
        courses.episode_id,
        assessments.instrument,
        assessments.points,
        assessments.completed_on,
        instruments.recovery_role,
        row_number() over (
            partition by courses.episode_id, instruments.recovery_role
            order by
                assessments.completed_on asc,
                assessments.assessment_id asc
        ) as earliest_first,
        row_number() over (
            partition by courses.episode_id, instruments.recovery_role
            order by
                assessments.completed_on desc,
                assessments.assessment_id asc
        ) as latest_first
    from courses

    inner join assessments
        on
            courses.episode_id = assessments.episode_id
            and courses.finished_on >= assessments.completed_on

    inner join instruments
        on
            assessments.instrument = instruments.instrument
            and instruments.recovery_role is not null

    where assessments.points is not null

),

side_by_side as (

    select
        episode_id,
        recovery_role,
        max(instrument) as instrument,
        max(case when earliest_first = 1 then points end) as first_points,
        max(case when latest_first = 1 then points end) as latest_points,
        min(completed_on) as first_on,
        max(completed_on) as latest_on
    from ranked
    group by
        episode_id,
        recovery_role

),

final as (

    select
        ---------- ids
        episode_id,

        ---------- strings
        recovery_role,
        instrument,

        ---------- numerics
        first_points,
        case when latest_on > first_on then latest_points end as last_points,

        ---------- dates
        first_on,
        case when latest_on > first_on then latest_on end as last_on

    from side_by_side

)

select * from final
