{#
    One row per episode: sessions attended and missed, and the days from the
    referral to the first and second attended treatment session. Null where no
    source of the namespace sends sessions; 0 where nobody came.
#}

with

episodes as (

    select * from {{ ref('int_episodes_started') }}

),

session_summaries as (

    select * from {{ ref('int_sessions_summarised_by_episode') }}

),

session_counts as (

    select * from {{ ref('int_sessions_counted_by_episode') }}

),

session_feeds as (

    select * from {{ ref('int_feeds_supplied_by_namespace') }}
    where feed = 'sessions'

),

waited as (

    select
        episodes.episode_id,
        coalesce(session_feeds.is_supplied, false) as has_sessions_feed,
        session_summaries.attended_sessions_count,
        session_counts.attended_contacts_count,
        session_counts.not_attended_count,
        session_counts.cancelled_late_count,
        session_counts.restarts_count,
        {{ days_between(
            'episodes.referred_on', 'session_summaries.first_attended_on'
        ) }} as days_to_first,
        {{ days_between(
            'episodes.referred_on', 'session_summaries.second_attended_on'
        ) }} as days_to_second
    from episodes

    left join session_summaries
        on episodes.episode_id = session_summaries.episode_id

    left join session_counts
        on episodes.episode_id = session_counts.episode_id

    left join session_feeds
        on episodes.source = session_feeds.source

),

measured as (

    select
        ---------- ids
        episode_id,

        ---------- numerics
        case
            when has_sessions_feed then coalesce(attended_sessions_count, 0)
        end as attended_treatment_sessions_count,
        case
            when has_sessions_feed then coalesce(attended_contacts_count, 0)
        end as attended_contacts_count,
        case when has_sessions_feed then coalesce(not_attended_count, 0) end
            as not_attended_count,
        case when has_sessions_feed then coalesce(cancelled_late_count, 0) end
            as cancelled_late_count,
        case when has_sessions_feed then coalesce(restarts_count, 0) end
            as restarts_count,
        -- nobody waits for a session that came before the referral
        cast(
            case when days_to_first >= 0 then days_to_first end as integer
        ) as wait_to_first_days,
        cast(
            case when days_to_first >= 0 then days_to_second end as integer
        ) as wait_to_second_days

    from waited

)

select * from measured
