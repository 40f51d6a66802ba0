{#
    One row per episode of a trial, instrument and scheduled follow-up of that
    trial, seen or not: points are null where the person was not followed up.
    A service that asks one person at a month does not ask everyone then.
#}

with

episodes as (

    select * from {{ ref('int_episodes_allocated_at_random') }}

),

scheduled as (

    select * from {{ ref('int_assessments_scheduled_by_month') }}

),

follow_ups_of_source as (

    -- what anyone of the trial was asked for, everyone could have given
    select distinct
        episodes.source,
        scheduled.instrument,
        scheduled.follow_up_month
    from scheduled

    inner join episodes
        on scheduled.episode_id = episodes.episode_id

),

ranked as (

    -- nearest to the month meant, then the later, then by key
    select
        *,
        row_number() over (
            partition by episode_id, instrument, follow_up_month
            order by
                abs(months_since_start - follow_up_month) asc,
                months_since_start desc,
                assessment_id asc
        ) as nearest_first
    from scheduled
    where points is not null

),

observed as (

    select * from ranked
    where nearest_first = 1

),

final as (

    select
        ---------- ids
        episodes.episode_id,

        ---------- strings
        follow_ups_of_source.instrument,

        ---------- numerics
        follow_ups_of_source.follow_up_month,
        observed.points

    from episodes

    inner join follow_ups_of_source
        on episodes.source = follow_ups_of_source.source

    left join observed
        on
            episodes.episode_id = observed.episode_id
            and follow_ups_of_source.instrument = observed.instrument
            and follow_ups_of_source.follow_up_month = observed.follow_up_month

    where episodes.index_on is not null

)

select * from final
