{#
    One row per unit of the service's comparisons with its day 0: an eligible
    episode from its first session, or a month in which a person on medication
    could have begun therapy.
#}

with

episodes as (

    select * from {{ ref('int_episodes_eligible_for_service_comparison') }}

),

trial_months as (

    select * from {{ ref('int_patients_eligible_for_added_therapy') }}

),

recorded_episodes as (

    select * from {{ ref('int_episodes_started') }}

),

sources as (

    select * from {{ ref('int_sources_observed') }}

),

latest_episodes as (

    -- what a month knows of a course: the last one referred or begun by then
    select
        trial_months.patient_id,
        trial_months.month_on,
        recorded_episodes.episode_id,
        recorded_episodes.site_id,
        row_number() over (
            partition by trial_months.patient_id, trial_months.month_on
            order by
                coalesce(
                    recorded_episodes.referred_on, recorded_episodes.index_on
                ) desc,
                recorded_episodes.episode_id asc
        ) as latest_first
    from trial_months

    inner join recorded_episodes
        on
            trial_months.patient_id = recorded_episodes.patient_id
            and trial_months.month_on >= coalesce(
                recorded_episodes.referred_on, recorded_episodes.index_on
            )

),

units as (

    select
        episode_id as unit_id,
        episode_id,
        episode_id as known_episode_id,
        patient_id,
        coalesce(first_clinician_id, patient_id) as cluster_id,
        site_id,
        source,
        baseline_points,
        item_9_points,
        false as is_trial_month,
        cast(null as boolean) as is_therapy_started,
        index_on
    from episodes

    union all

    select
        trial_months.patient_id || '|'
        || cast(trial_months.month_on as varchar) as unit_id,
        cast(null as varchar) as episode_id,
        latest_episodes.episode_id as known_episode_id,
        trial_months.patient_id,
        trial_months.patient_id as cluster_id,
        latest_episodes.site_id,
        trial_months.source,
        trial_months.baseline_points,
        trial_months.item_9_points,
        true as is_trial_month,
        trial_months.is_therapy_started,
        trial_months.month_on as index_on
    from trial_months

    left join latest_episodes
        on
            trial_months.patient_id = latest_episodes.patient_id
            and trial_months.month_on = latest_episodes.month_on
            and latest_episodes.latest_first = 1

),

final as (

    select
        ---------- ids
        units.unit_id,
        units.episode_id,
        units.known_episode_id,
        units.patient_id,
        units.cluster_id,
        units.site_id,

        ---------- strings
        units.source,

        ---------- numerics
        units.baseline_points,
        units.item_9_points,
        {{ days_between('units.index_on', 'sources.data_to') }}
            as followed_days,

        ---------- booleans
        units.is_trial_month,
        units.is_therapy_started,

        ---------- dates
        units.index_on

    from units

    left join sources
        on units.source = sources.source

)

select * from final
