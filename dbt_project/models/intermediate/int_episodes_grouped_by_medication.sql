{#
    One row per episode: when antidepressant medication began relative to day 0.
    Null where no source of the namespace sends medications.
#}

with

episodes as (

    select * from {{ ref('int_episodes_started') }}

),

spells as (

    -- lithium and the like are given with an antidepressant, not as one
    select * from {{ ref('int_medications_joined_into_spells') }}
    where coalesce(is_antidepressant, true)

),

runs as (

    select * from {{ ref('int_medications_merged_by_patient') }}
    where cover = 'any_record'

),

endings as (

    select * from {{ ref('int_episodes_ended') }}

),

feeds as (

    select * from {{ ref('int_feeds_supplied_by_namespace') }}
    where feed = 'medications'

),

placed as (

    select
        episodes.episode_id,
        episodes.is_first_episode,
        spells.is_only_known_at_index,
        {{ days_between('episodes.index_on', 'spells.started_on') }}
            as first_day,
        {{ days_between('episodes.index_on', 'spells.ended_on') }} as last_day,
        {{ days_between('episodes.index_on', 'endings.known_end_on') }}
            as end_day
    from episodes

    inner join spells
        on episodes.patient_id = spells.patient_id

    inner join endings
        on episodes.episode_id = endings.episode_id

    where
        episodes.index_on is not null
        -- supply that ran out before the grace window says nothing
        and (
            spells.ended_on is null
            or {{ days_between('episodes.index_on', 'spells.ended_on') }}
            >= -{{ threshold('medication_grace_days') }}
        )

),

covered_at_start as (

    -- days of cover, not spells: a later refill is not known on day 0
    select distinct episodes.episode_id
    from episodes

    inner join runs
        on
            episodes.patient_id = runs.patient_id
            and {{ days_between(
                "cast('1970-01-01' as date)", 'episodes.index_on'
            ) }}
            between runs.first_day and runs.last_day

),

described as (

    -- "in use at index" is about the day 0 of the first episode
    select
        episode_id,
        bool_or(
            is_only_known_at_index and is_first_episode
        ) as is_in_use_at_start,
        bool_or(
            case
                when is_only_known_at_index then is_first_episode
                else first_day < -{{ threshold('medication_grace_days') }}
            end
        ) as was_in_use_before,
        bool_or(
            case
                when is_only_known_at_index then is_first_episode
                else
                    first_day <= {{ threshold('medication_grace_days') }}
                    and coalesce(
                        last_day > {{ threshold('medication_grace_days') }},
                        true
                    )
            end
        ) as is_in_use_after_grace,
        bool_or(
            coalesce(
                first_day between -{{ threshold('medication_grace_days') }}
                and {{ threshold('medication_grace_days') }},
                false
            )
        ) as is_started_in_grace,
        bool_or(
            coalesce(
                first_day > {{ threshold('medication_grace_days') }}
                and coalesce(first_day <= end_day, true),
                false
            )
        ) as is_started_later,
        bool_or(
            is_only_known_at_index and not is_first_episode
        ) as is_known_for_another_episode_only
    from placed
    group by episode_id

),

grouped as (

    select
        ---------- ids
        episodes.episode_id,

        ---------- strings
        case
            when not coalesce(feeds.is_supplied, false) then null
            when episodes.index_on is null then null
            when described.was_in_use_before and described.is_in_use_after_grace
                then 'before'
            when described.was_in_use_before then 'stopped'
            when described.is_started_in_grace then 'at_start'
            when described.is_started_later then 'added'
            when described.is_known_for_another_episode_only then null
            else 'none'
        end as medication_group,

        ---------- booleans
        case
            when not coalesce(feeds.is_supplied, false) then null
            when episodes.index_on is null then null
            when covered_at_start.episode_id is not null then true
            when described.is_in_use_at_start then true
            when described.is_known_for_another_episode_only then null
            else false
        end as is_on_medication_at_start

    from episodes

    left join feeds
        on episodes.source = feeds.source

    left join covered_at_start
        on episodes.episode_id = covered_at_start.episode_id

    left join described
        on episodes.episode_id = described.episode_id

)

select * from grouped
