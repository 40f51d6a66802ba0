{#
    One row per episode with a day 0: the patient's earlier courses, how long ago
    the last one was and whether one failed, and whether courses overlap.
    Referrals that ended before treatment are no courses.
#}

with

episodes as (

    select * from {{ ref('int_episodes_started') }}
    where index_on is not null

),

endings as (

    select * from {{ ref('int_episodes_ended') }}

),

end_kinds as (

    select * from {{ ref('int_episodes_dropped_out') }}

),

failures as (

    select * from {{ ref('int_episodes_failed') }}

),

attended as (

    select * from {{ ref('int_episodes_attended') }}

),

modalities as (

    select * from {{ ref('modalities') }}

),

patients as (

    select * from {{ ref('int_patients_merged_across_sources') }}

),

courses as (

    select
        episodes.episode_id,
        episodes.patient_id,
        episodes.index_on,
        episodes.referred_on,
        end_kinds.end_kind,
        failures.is_failed,
        endings.is_finished,
        endings.last_on,
        -- a referral that nobody came to is no course, nor is usual care
        not coalesce(endings.is_ended_before_treatment, false)
        and coalesce(attended.attended_treatment_sessions_count > 0, true)
        and coalesce(modalities.is_therapy, true) as is_course,
        {{ days_between('patients.observed_from', 'episodes.index_on') }}
            as observed_days
    from episodes

    inner join endings
        on episodes.episode_id = endings.episode_id

    inner join end_kinds
        on episodes.episode_id = end_kinds.episode_id

    inner join failures
        on episodes.episode_id = failures.episode_id

    left join attended
        on episodes.episode_id = attended.episode_id

    left join modalities
        on episodes.modality = modalities.modality

    left join patients
        on episodes.patient_id = patients.patient_id

),

paired as (

    -- two of one day are told apart by key
    select
        courses.episode_id,
        other_courses.end_kind as other_end_kind,
        other_courses.last_on as other_last_on,
        other_courses.index_on < courses.index_on
        or (
            other_courses.index_on = courses.index_on
            and other_courses.episode_id < courses.episode_id
        ) as is_earlier,
        row_number() over (
            partition by
                courses.episode_id,
                other_courses.index_on < courses.index_on
                or (
                    other_courses.index_on = courses.index_on
                    and other_courses.episode_id < courses.episode_id
                )
            order by
                other_courses.index_on desc,
                other_courses.episode_id desc
        ) as latest_first,
        -- an outcome of after day 0 is not known on day 0
        case
            when other_courses.last_on > courses.index_on then false
            else other_courses.is_failed
        end as is_known_failure,
        -- one that goes on has no last day yet
        courses.is_course
        and (
            not other_courses.is_finished
            or courses.index_on
            <= coalesce(other_courses.last_on, other_courses.index_on)
        )
        and (
            not courses.is_finished
            or other_courses.index_on
            <= coalesce(courses.last_on, courses.index_on)
        ) as is_overlapping,
        other_courses.index_on < courses.index_on
        and (
            not other_courses.is_finished
            or {{ days_between(
                'coalesce(other_courses.last_on, other_courses.index_on)',
                'courses.index_on'
            ) }}
            <= {{ threshold('new_to_therapy_days') }}
        ) as is_recent
    from courses

    inner join courses as other_courses
        on
            courses.patient_id = other_courses.patient_id
            and courses.episode_id != other_courses.episode_id
            and other_courses.is_course

),

summarised as (

    select
        episode_id,
        cast(count(case when is_earlier then 1 end) as integer)
            as prior_episodes_count,
        bool_or(is_earlier and is_known_failure) as has_known_failure,
        bool_or(is_earlier and is_known_failure is null)
            as has_unknown_result,
        bool_or(is_overlapping) as overlaps_another_episode,
        bool_or(is_recent) as has_recent_therapy,
        max(case when is_earlier and latest_first = 1 then other_end_kind end)
            as prior_end_kind,
        max(case when is_earlier and latest_first = 1 then other_last_on end)
            as prior_last_on
    from paired
    group by episode_id

),

measured as (

    select
        courses.*,
        coalesce(summarised.prior_episodes_count, 0) as prior_episodes_count,
        coalesce(summarised.has_known_failure, false) as has_known_failure,
        coalesce(summarised.has_unknown_result, false) as has_unknown_result,
        coalesce(summarised.overlaps_another_episode, false)
            as overlaps_another_episode,
        coalesce(summarised.has_recent_therapy, false) as has_recent_therapy,
        summarised.prior_last_on,
        {{ days_between('summarised.prior_last_on', 'courses.index_on') }}
            as days_since_prior,
        coalesce(
            summarised.prior_end_kind = 'transferred'
            and {{ days_between(
                'summarised.prior_last_on', 'courses.index_on'
            ) }}
            < {{ threshold('episode_gap_days') }}
            and courses.index_on >= summarised.prior_last_on,
            false
        ) as is_transfer
    from courses

    left join summarised
        on courses.episode_id = summarised.episode_id

),

final as (

    select
        ---------- ids
        episode_id,

        ---------- numerics
        prior_episodes_count,
        cast(days_since_prior as integer) as days_since_prior_episode,

        ---------- booleans
        case
            when has_known_failure then true
            when not has_unknown_result then false
        end as has_failed_prior_episode,
        case
            when prior_episodes_count = 0 or is_transfer then false
            else coalesce(referred_on, index_on) > prior_last_on
        end as is_re_referral,
        is_transfer,
        overlaps_another_episode,
        case
            when has_recent_therapy then false
            when observed_days >= {{ threshold('new_to_therapy_days') }}
                then true
        end as is_new_to_therapy

    from measured

)

select * from final
