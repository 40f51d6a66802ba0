{#
    One row per eligible episode: when the person stopped, in the sense of a
    strategy: the last attended treatment session before a gap, or the last one.
    A stop that death, a move, a closed site or the end of the data explain was
    no decision. Whoever came after the gap has come back.
#}

with

episodes as (

    select * from {{ ref('int_episodes_eligible_for_service_comparison') }}

),

started as (

    select * from {{ ref('int_episodes_started') }}

),

end_kinds as (

    select * from {{ ref('int_episodes_dropped_out') }}

),

patients as (

    select * from {{ ref('int_patients_merged_across_sources') }}

),

sources as (

    select * from {{ ref('int_sources_observed') }}

),

treatment_sessions as (

    select * from {{ ref('stg_sessions') }}
    where
        attendance = 'attended'
        and coalesce(session_type, 'treatment') = 'treatment'

),

sites_last_seen as (

    select
        site_id,
        max(held_on) as site_last_on
    from treatment_sessions
    where site_id is not null
    group by site_id

),

ordered as (

    -- two sessions on one day are told apart by their key
    select
        episodes.episode_id,
        treatment_sessions.session_id,
        treatment_sessions.site_id,
        treatment_sessions.held_on,
        lead(treatment_sessions.held_on) over (
            partition by episodes.episode_id
            order by
                treatment_sessions.held_on,
                treatment_sessions.session_id
        ) as next_held_on,
        row_number() over (
            partition by episodes.episode_id
            order by
                treatment_sessions.held_on,
                treatment_sessions.session_id
        ) as session_number
    from episodes

    inner join treatment_sessions
        on
            episodes.patient_id = treatment_sessions.patient_id
            and episodes.index_on <= treatment_sessions.held_on

),

stops as (

    select
        *,
        row_number() over (
            partition by episode_id
            order by session_number
        ) as earliest_first
    from ordered
    where
        coalesce(
            {{ days_between('held_on', 'next_held_on') }}
            > {{ threshold('length_stop_gap_days') }},
            true
        )

),

judged as (

    select
        episodes.episode_id,
        stops.held_on as stopped_on,
        stops.next_held_on is not null as has_reentered,
        {{ days_between('episodes.index_on', 'stops.held_on') }} as stop_day,
        -- what happened before the gap was over would have ended it
        coalesce(
            stops.next_held_on is null
            and {{ days_between('stops.held_on', 'sources.data_to') }}
            <= {{ threshold('length_stop_gap_days') }},
            false
        ) as is_end_of_data,
        coalesce(
            {{ days_between('stops.held_on', 'patients.died_on') }}
            <= {{ threshold('length_stop_gap_days') }},
            false
        ) as is_dead,
        coalesce(
            {{ days_between('stops.held_on', 'patients.observed_to') }}
            <= {{ threshold('length_stop_gap_days') }},
            false
        ) as is_gone,
        coalesce(
            stops.next_held_on is null
            and {{ days_between('stops.held_on', 'sites.site_last_on') }}
            <= {{ threshold('length_stop_gap_days') }},
            false
        ) as is_site_closed,
        coalesce(
            end_kinds.end_kind = 'transferred'
            and stops.held_on = started.last_treatment_on,
            false
        ) as is_transferred
    from episodes

    inner join stops
        on
            episodes.episode_id = stops.episode_id
            and stops.earliest_first = 1

    inner join started
        on episodes.episode_id = started.episode_id

    inner join end_kinds
        on episodes.episode_id = end_kinds.episode_id

    left join patients
        on episodes.patient_id = patients.patient_id

    left join sources
        on episodes.source = sources.source

    left join sites_last_seen as sites
        on stops.site_id = sites.site_id

),

final as (

    select
        ---------- ids
        episode_id,

        ---------- numerics
        cast(floor(stop_day / 7) as integer) as stop_week,

        ---------- booleans
        is_end_of_data
        or is_dead
        or is_gone
        or is_site_closed
        or is_transferred as is_stop_censored,
        has_reentered,

        ---------- dates
        stopped_on

    from judged

)

select * from final
