{#
    One row per remitted episode: how often and for how long the person was
    scored in the year from the landmark, while followed. Who goes on with
    therapy is scored more, and who is scored more is found ill more often.
#}

with

remissions as (

    select * from {{ ref('int_episodes_remitted') }}

),

follow_up_scores as (

    select * from {{ ref('int_assessments_followed_after_remission') }}

),

dated as (

    select
        remissions.episode_id,
        {{ days_between(
            'remissions.remitted_on', 'follow_up_scores.completed_on'
        ) }}
        - {{ threshold('relapse_landmark_days') }} as days_after_landmark
    from remissions

    inner join follow_up_scores
        on remissions.episode_id = follow_up_scores.episode_id

),

after_landmark as (

    select
        episode_id,
        days_after_landmark,
        least(
            days_after_landmark, {{ threshold('relapse_followed_days') }}
        ) as scored_days
    from dated
    where days_after_landmark >= 1

),

final as (

    select
        ---------- ids
        remissions.episode_id,

        ---------- numerics
        cast(
            count(
                case
                    when
                        after_landmark.days_after_landmark
                        <= {{ threshold('relapse_followed_days') }}
                        then 1
                end
            ) as integer
        ) as scores_12mo_count,
        cast(
            coalesce(max(after_landmark.scored_days), 0) as integer
        ) as scored_12mo_days

    from remissions

    left join after_landmark
        on remissions.episode_id = after_landmark.episode_id

    group by remissions.episode_id

)

select * from final
