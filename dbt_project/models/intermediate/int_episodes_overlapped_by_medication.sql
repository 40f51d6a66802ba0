{#
    One row per episode: days between its first and last session that an
    antidepressant covers, and whether the person was new to antidepressants
    before the grace window. Overlap is descriptive only: to overlap for long, a
    person must stay in therapy for long.
#}

with

episodes as (

    select
        *,
        {{ days_between("cast('1970-01-01' as date)", 'index_on') }}
            as index_day
    from {{ ref('int_episodes_started') }}

),

session_summaries as (

    select
        *,
        {{ days_between("cast('1970-01-01' as date)", 'first_attended_on') }}
            as first_session_day,
        {{ days_between("cast('1970-01-01' as date)", 'last_attended_on') }}
            as last_session_day
    from {{ ref('int_sessions_summarised_by_episode') }}

),

runs as (

    select * from {{ ref('int_medications_merged_by_patient') }}
    where cover = 'any_record'

),

undated_spells as (

    select distinct patient_id
    from {{ ref('int_medications_joined_into_spells') }}
    where
        is_only_known_at_index
        and is_antidepressant

),

patients as (

    select * from {{ ref('int_patients_merged_across_sources') }}

),

feeds as (

    select * from {{ ref('int_feeds_supplied_by_namespace') }}
    where feed = 'medications'

),

summed as (

    select
        episodes.episode_id,
        sum(
            greatest(
                least(runs.last_day, session_summaries.last_session_day)
                - greatest(runs.first_day, session_summaries.first_session_day)
                + 1,
                0
            )
        ) as overlap_days,
        -- cover that ends where the grace window begins says nothing before it
        max(
            case
                when
                    runs.first_day
                    < episodes.index_day
                    - {{ threshold('medication_grace_days') }}
                    then
                        least(
                            runs.last_day,
                            episodes.index_day
                            - {{ threshold('medication_grace_days') }} - 1
                        )
            end
        ) as last_day_before_grace
    from episodes

    inner join runs
        on episodes.patient_id = runs.patient_id

    left join session_summaries
        on episodes.episode_id = session_summaries.episode_id

    group by episodes.episode_id

),

placed as (

    select
        episodes.episode_id,
        coalesce(feeds.is_supplied, false) as has_medications_feed,
        session_summaries.first_session_day is not null as has_sessions,
        undated_spells.patient_id is not null as has_undated_spell,
        coalesce(summed.overlap_days, 0) as overlap_days,
        episodes.index_day - {{ threshold('medication_grace_days') }}
            as grace_day,
        summed.last_day_before_grace,
        {{ days_between(
            "cast('1970-01-01' as date)", 'patients.observed_from'
        ) }} as observed_from_day
    from episodes

    left join feeds
        on episodes.source = feeds.source

    left join session_summaries
        on episodes.episode_id = session_summaries.episode_id

    left join undated_spells
        on episodes.patient_id = undated_spells.patient_id

    left join summed
        on episodes.episode_id = summed.episode_id

    left join patients
        on episodes.patient_id = patients.patient_id

),

final as (

    select
        ---------- ids
        episode_id,

        ---------- numerics
        cast(
            case
                when
                    has_medications_feed
                    and has_sessions
                    and not has_undated_spell
                    then overlap_days
            end as integer
        ) as medication_overlap_days,

        ---------- booleans
        case
            when not has_medications_feed or not has_sessions then null
            when overlap_days >= {{ threshold('combined_from_days') }} then true
            when not has_undated_spell then false
        end as is_combined_descriptively,
        {% for days in ['105', '180', '365'] -%}
            case
                when not has_medications_feed then null
                when
                    last_day_before_grace
                    >= grace_day - {{ threshold('new_user_' ~ days ~ '_days') }}
                    then false
                when
                    not has_undated_spell
                    and observed_from_day
                    <= grace_day - {{ threshold('new_user_' ~ days ~ '_days') }}
                    then true
            end as is_new_user_{{ days }}{% if not loop.last %},{% endif %}
        {% endfor %}
    from placed

)

select * from final
