{#
    One row per remitted episode with the treatment sessions that the person
    attended before and after the remission was confirmed, whichever course they
    belonged to: whether the person was in therapy then, and whether therapy
    went on in the days up to the landmark, from which relapse is followed.
#}

with

remissions as (

    select * from {{ ref('int_episodes_remitted') }}

),

episodes as (

    select * from {{ ref('int_episodes_started') }}

),

treatment_sessions as (

    select * from {{ ref('stg_sessions') }}
    where
        attendance = 'attended'
        and coalesce(session_type, 'treatment') = 'treatment'

),

dated as (

    -- negative: so many days before the confirming score
    select
        remissions.episode_id,
        {{ days_between(
            'remissions.remitted_on', 'treatment_sessions.held_on'
        ) }} as days_after,
        episodes.index_on <= treatment_sessions.held_on as is_of_this_course_on
    from remissions

    inner join episodes
        on remissions.episode_id = episodes.episode_id

    inner join treatment_sessions
        on remissions.patient_id = treatment_sessions.patient_id

),

marked as (

    select
        *,
        days_after <= 0
        and days_after >= -{{ threshold('relapse_therapy_days_before') }}
            as is_shortly_before,
        days_after <= 0 and is_of_this_course_on as is_up_to_remission,
        days_after >= 1
        and days_after <= {{ threshold('relapse_landmark_days') }}
            as is_up_to_landmark,
        days_after > {{ threshold('relapse_landmark_days') }}
        and days_after
        <= {{ threshold('relapse_landmark_days') }}
        + {{ threshold('relapse_followed_days') }}
            as is_in_the_year
    from dated

),

final as (

    select
        ---------- ids
        remissions.episode_id,

        ---------- numerics
        cast(
            count(case when marked.is_up_to_remission then 1 end) as integer
        ) as sessions_to_remission_count,
        cast(
            count(case when marked.is_in_the_year then 1 end) as integer
        ) as sessions_12mo_count,

        ---------- booleans
        coalesce(bool_or(marked.is_shortly_before), false) as is_in_therapy,
        coalesce(bool_or(marked.is_up_to_landmark), false) as is_continued

    from remissions

    left join marked
        on remissions.episode_id = marked.episode_id

    group by remissions.episode_id

)

select * from final
