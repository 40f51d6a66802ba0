{#
    One row per episode that may enter a comparison of a service's own records:
    eligible for any comparison, in therapy that began with an attended session
    on a calendar day, and ill enough by the PHQ-9 at the baseline.
#}

with

eligible as (

    select * from {{ ref('int_episodes_eligible_for_comparison') }}

),

episodes as (

    select * from {{ ref('int_episodes_started') }}

),

descriptions as (

    select * from {{ ref('int_episodes_described') }}

),

baselines as (

    select * from {{ ref('int_episodes_scored_at_baseline') }}
    where instrument = 'phq9'

),

instruments as (

    select * from {{ ref('instruments') }}

),

modalities as (

    select * from {{ ref('modalities') }}

),

final as (

    select
        ---------- ids
        episodes.episode_id,
        episodes.patient_id,
        episodes.site_id,
        episodes.first_clinician_id,

        ---------- strings
        episodes.source,

        ---------- numerics
        baselines.baseline_points,
        baselines.item_9_points,

        ---------- dates
        episodes.index_on,
        baselines.baseline_on

    from eligible

    inner join episodes
        on eligible.episode_id = episodes.episode_id

    inner join descriptions
        on eligible.episode_id = descriptions.episode_id

    inner join baselines
        on eligible.episode_id = baselines.episode_id

    inner join instruments
        on baselines.instrument = instruments.instrument

    left join modalities
        on
            coalesce(episodes.first_modality, episodes.modality)
            = modalities.modality

    where
        episodes.attended_sessions_count > 0
        and not descriptions.has_relative_dates
        and coalesce(modalities.is_therapy, true)
        and baselines.baseline_points >= instruments.response_floor_points

)

select * from final
