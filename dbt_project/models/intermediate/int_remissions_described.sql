{#
    One row per remitted episode with what was known on the day on which the
    remission was confirmed, before therapy went on or stopped. What a score of
    the days after says may be a consequence of going on, so it is not here.
#}

with

remissions as (

    select * from {{ ref('int_episodes_remitted') }}

),

episodes as (

    select * from {{ ref('int_episodes_started') }}

),

assessments as (

    select * from {{ ref('int_assessments_matched_to_episodes') }}
    where
        instrument = 'phq9'
        and points is not null

),

spells as (

    select * from {{ ref('int_medications_joined_into_spells') }}
    where is_antidepressant

),

medication_feeds as (

    select * from {{ ref('int_feeds_supplied_by_namespace') }}
    where
        feed = 'medications'
        and is_supplied

),

confirming as (

    -- of two scores on one day the one with the smaller key counts
    select
        remissions.episode_id,
        assessments.points,
        row_number() over (
            partition by remissions.episode_id
            order by assessments.assessment_id
        ) as first_of_day
    from remissions

    inner join assessments
        on
            remissions.episode_id = assessments.episode_id
            and remissions.remitted_on = assessments.completed_on

),

covered as (

    select distinct remissions.episode_id
    from remissions

    inner join spells
        on
            remissions.patient_id = spells.patient_id
            and remissions.remitted_on >= spells.started_on

    where coalesce(remissions.remitted_on <= spells.ended_on, true)

),

final as (

    select
        ---------- ids
        remissions.episode_id,

        ---------- numerics
        confirming.points as remission_phq9_points,
        cast(
            {{ days_between('episodes.index_on', 'remissions.remitted_on') }}
            as integer
        ) as days_to_remission,

        ---------- booleans
        case
            when medication_feeds.source is not null
                then covered.episode_id is not null
        end as is_on_medication_at_remission

    from remissions

    inner join episodes
        on remissions.episode_id = episodes.episode_id

    left join confirming
        on
            remissions.episode_id = confirming.episode_id
            and confirming.first_of_day = 1

    left join covered
        on remissions.episode_id = covered.episode_id

    left join medication_feeds
        on remissions.source = medication_feeds.source

)

select * from final
