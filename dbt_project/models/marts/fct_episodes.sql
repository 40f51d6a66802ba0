{#
    One row per course of care, usual care included. What it was like: how long,
    how many sessions, which kind and format, with which medication.
#}

with

episodes as (

    select * from {{ ref('int_episodes_started') }}

),

descriptions as (

    select * from {{ ref('int_episodes_described') }}

),

medication_groups as (

    select * from {{ ref('int_episodes_grouped_by_medication') }}

),

attended as (

    select * from {{ ref('int_episodes_attended') }}

),

endings as (

    select * from {{ ref('int_episodes_ended') }}

),

end_kinds as (

    select * from {{ ref('int_episodes_dropped_out') }}

),

prior_courses as (

    select * from {{ ref('int_episodes_compared_with_prior') }}

),

medication_overlaps as (

    select * from {{ ref('int_episodes_overlapped_by_medication') }}

),

resistance as (

    select * from {{ ref('int_episodes_marked_resistant') }}

),

measured as (

    select
        episodes.*,
        descriptions.age_at_start_years,
        descriptions.has_relative_dates,
        descriptions.is_chronic,
        descriptions.is_current_episode_over_6_months,
        descriptions.is_treatment_resistant as is_described_as_resistant,
        medication_groups.medication_group,
        medication_groups.is_on_medication_at_start,
        attended.attended_treatment_sessions_count as sessions_count,
        attended.attended_contacts_count,
        attended.not_attended_count,
        attended.cancelled_late_count,
        attended.restarts_count,
        attended.wait_to_first_days,
        attended.wait_to_second_days,
        endings.is_finished,
        endings.is_ended_before_treatment,
        end_kinds.end_kind,
        end_kinds.is_dropped_out,
        end_kinds.is_left_before_improvement,
        prior_courses.prior_episodes_count,
        prior_courses.days_since_prior_episode,
        prior_courses.has_failed_prior_episode,
        prior_courses.is_re_referral,
        prior_courses.is_transfer,
        prior_courses.overlaps_another_episode,
        prior_courses.is_new_to_therapy,
        medication_overlaps.medication_overlap_days,
        medication_overlaps.is_combined_descriptively,
        medication_overlaps.is_new_user_105,
        medication_overlaps.is_new_user_180,
        medication_overlaps.is_new_user_365,
        resistance.adequate_trials_count,
        resistance.is_trd_strict,
        resistance.is_trd_cobalt,
        resistance.is_trd_recorded,
        resistance.is_trd_proxy,
        cast(
            {{ days_between(
                'episodes.index_on',
                'coalesce(episodes.last_treatment_on, episodes.ended_on)'
            ) }}
            as integer
        ) as length_days
    from episodes

    inner join descriptions
        on episodes.episode_id = descriptions.episode_id

    inner join medication_groups
        on episodes.episode_id = medication_groups.episode_id

    inner join attended
        on episodes.episode_id = attended.episode_id

    inner join endings
        on episodes.episode_id = endings.episode_id

    inner join end_kinds
        on episodes.episode_id = end_kinds.episode_id

    inner join medication_overlaps
        on episodes.episode_id = medication_overlaps.episode_id

    inner join resistance
        on episodes.episode_id = resistance.episode_id

    -- without a day 0 there is no before
    left join prior_courses
        on episodes.episode_id = prior_courses.episode_id

),

final as (

    select
        ---------- ids
        episode_id,
        patient_id,
        site_id,
        first_clinician_id,

        ---------- strings
        source,
        coalesce(first_modality, modality) as modality,
        allocated_arm,
        first_format as format,
        first_delivery_mode as delivery_mode,
        intended_length,
        end_reason,
        end_kind,
        depression_duration_band,
        medication_group,
        case
            when sessions_count is null or sessions_count = 0 then null
            when sessions_count >= {{ threshold('length_long_from_sessions') }}
                then 'long_term'
            when length_days >= {{ threshold('length_long_from_days') }}
                then 'long_term'
            -- one that goes on may still become long
            when not is_finished then null
            when
                sessions_count <= {{ threshold('length_short_up_to_sessions') }}
                then 'short_term'
            else 'intermediate'
        end as length_class,

        ---------- numerics
        age_at_start_years,
        depression_onset_months,
        current_episode_months,
        adequate_medication_trials,
        prior_therapy_episodes,
        sessions_count as attended_sessions_count,
        sessions_count as attended_treatment_sessions_count,
        attended_contacts_count,
        not_attended_count,
        cancelled_late_count,
        restarts_count,
        wait_to_first_days,
        wait_to_second_days,
        length_days,
        prior_episodes_count,
        days_since_prior_episode,
        medication_overlap_days,
        adequate_trials_count,

        ---------- booleans
        is_derived,
        has_relative_dates,
        is_first_episode,
        is_finished,
        is_ended_before_treatment as ended_before_treatment,
        is_dropped_out,
        is_left_before_improvement,
        has_failed_prior_episode,
        is_re_referral,
        is_transfer,
        overlaps_another_episode,
        is_new_to_therapy,
        is_randomised,
        is_on_medication_at_start,
        is_combined_descriptively,
        is_new_user_105,
        is_new_user_180,
        is_new_user_365,
        is_described_as_resistant as is_treatment_resistant,
        is_trd_strict,
        is_trd_cobalt,
        is_trd_recorded,
        is_trd_proxy,
        is_chronic,
        is_current_episode_over_6_months,

        ---------- dates
        referred_on,
        started_on,
        index_on,
        ended_on

    from measured

)

select * from final
