{#
    One row per eligible episode that remitted in therapy, from the landmark on:
    therapy had gone on by then, or stopped. Who was ill again, dead or no
    longer followed by the landmark has no row, so nobody is on a side for
    having stayed well. Null outcomes where the year was not over when the data
    ended.
#}

with

units as (

    select * from {{ ref('int_units_measured') }}
    where not is_trial_month

),

relapses as (

    select * from {{ ref('fct_relapses') }}

),

attended as (

    select * from {{ ref('int_remissions_attended') }}
    where is_in_therapy

),

descriptions as (

    select * from {{ ref('int_remissions_described') }}

),

scores as (

    select * from {{ ref('int_remissions_scored') }}

),

from_landmark as (

    select
        episode_id,
        status,
        event_collection_reason,
        followed_days - {{ threshold('relapse_landmark_days') }}
            as followed_days,
        {{ days_between('remitted_on', 'event_high_on') }}
        - {{ threshold('relapse_landmark_days') }} as found_ill_days
    from relapses

),

at_risk as (

    -- the middle of an interval that holds the landmark can lie before it: then
    -- the rest of the interval counts. Who was not scored again is followed for
    -- no day, and is counted among those whose fate is not known.
    select
        episode_id,
        status,
        event_collection_reason,
        case
            when followed_days > 0 then followed_days
            when status = 'relapsed' then ceil(found_ill_days / 2.0)
            else 0
        end as followed_days
    from from_landmark
    where
        status = 'censored'
        or (status = 'relapsed' and found_ill_days > 0)
        or (status = 'died' and followed_days > 0)

),

within_the_year as (

    select
        units.*,
        attended.is_continued,
        attended.sessions_to_remission_count,
        attended.sessions_12mo_count as sessions_after_landmark_count,
        descriptions.remission_phq9_points,
        descriptions.days_to_remission,
        descriptions.is_on_medication_at_remission,
        scores.scores_12mo_count,
        scores.scored_12mo_days,
        at_risk.event_collection_reason,
        case
            when
                at_risk.followed_days > {{ threshold('relapse_followed_days') }}
                then 'censored'
            when at_risk.status = 'relapsed' then 'event'
            else at_risk.status
        end as status,
        least(
            at_risk.followed_days, {{ threshold('relapse_followed_days') }}
        ) as days_to_end,
        coalesce(
            units.followed_days
            >= descriptions.days_to_remission
            + {{ threshold('relapse_landmark_days') }}
            + {{ threshold('relapse_followed_days') }},
            false
        ) as is_year_over
    from units

    inner join at_risk
        on units.episode_id = at_risk.episode_id

    inner join attended
        on units.episode_id = attended.episode_id

    inner join descriptions
        on units.episode_id = descriptions.episode_id

    inner join scores
        on units.episode_id = scores.episode_id

),

final as (

    select
        ---------- ids
        'continued_vs_stopped_after_remission' as comparison_id,
        unit_id,
        episode_id,
        patient_id,
        cluster_id,
        site_id,

        ---------- strings
        source,
        case when is_continued then 'continued' else 'stopped' end as arm,
        modality,
        format,
        delivery_mode,
        intended_length,
        payer,
        case when is_year_over then status end as phq9_ill_again_12mo_status,

        ---------- numerics
        baseline_phq9_points,
        baseline_phq9_item_9_points,
        baseline_gad7_points,
        baseline_wsas_points,
        age_at_start_years,
        deprivation_quintile,
        current_episode_months,
        prior_episodes_count,
        adequate_trials_count,
        wait_to_first_days,
        start_year,
        remission_phq9_points,
        days_to_remission,
        sessions_to_remission_count,
        cast(case when is_year_over then days_to_end end as integer)
            as phq9_ill_again_12mo_days,
        case when is_year_over then scores_12mo_count end as scores_12mo_count,
        case when is_year_over then scored_12mo_days end as scored_12mo_days,
        case when is_year_over then sessions_after_landmark_count end
            as sessions_12mo_count,

        ---------- booleans
        is_continued as is_exposed,
        false as is_randomised,
        is_chronic,
        is_treatment_resistant,
        is_severe,
        is_female,
        has_failed_prior_episode,
        is_on_medication_at_start,
        has_prior_medication,
        has_panic_disorder,
        is_on_medication_at_remission,
        is_year_over as is_due_12mo,
        case
            when is_year_over
                then
                    status = 'event'
                    and coalesce(event_collection_reason = 'return', false)
        end as is_found_at_return

    from within_the_year

)

select * from final
