{#
    One row per episode with a session: how many were attended, missed and
    cancelled late, and how often the person came back after a gap that the gap
    rule would have taken for an end.
#}

with

sessions as (

    select * from {{ ref('int_sessions_grouped_into_episodes') }}
    where episode_id is not null

),

with_previous as (

    select
        *,
        max(case when attendance = 'attended' then held_on end) over (
            partition by episode_id
            order by
                held_on,
                session_id
            rows between unbounded preceding and 1 preceding
        ) as previous_attended_on
    from sessions

),

counted as (

    select
        ---------- ids
        episode_id,

        ---------- numerics
        cast(
            count(case when attendance = 'attended' then 1 end) as integer
        ) as attended_contacts_count,
        cast(
            count(case when attendance = 'did_not_attend' then 1 end) as integer
        ) as not_attended_count,
        cast(
            count(
                case when attendance = 'cancelled_late_by_patient' then 1 end
            ) as integer
        ) as cancelled_late_count,
        cast(
            count(
                case
                    when
                        attendance = 'attended'
                        and {{ days_between(
                            'previous_attended_on', 'held_on'
                        ) }}
                        >= {{ threshold('episode_gap_days') }}
                        then 1
                end
            ) as integer
        ) as restarts_count

    from with_previous

    group by episode_id

)

select * from counted
