-- Episodes with their medication and everything found before.

create table work.medication_groups as
with placed as (
    select
        e.episode_id, e.is_first_episode, s.is_only_known_at_index as is_undated,
        s.started_on - e.index_on as first_day,
        s.ended_on - e.index_on as last_day,
        n.known_end_on - e.index_on as end_day,
        getvariable('medication_grace_days') as grace
    from work.episodes as e
    join work.spells as s on e.patient_id = s.patient_id
    join work.ends as n on e.episode_id = n.episode_id
    where
        e.index_on is not null
        and coalesce(s.is_antidepressant, true)
        and coalesce(
            s.ended_on - e.index_on >= -getvariable('medication_grace_days'), true
        )
),

described as (
    select
        episode_id,
        bool_or(is_undated and is_first_episode) as is_on,
        bool_or(if(is_undated, is_first_episode, first_day < -grace))
            as was_before,
        bool_or(if(
            is_undated, is_first_episode,
            first_day <= grace and coalesce(last_day > grace, true)
        )) as is_after_grace,
        bool_or(coalesce(first_day between -grace and grace, false))
            as is_started,
        bool_or(coalesce(
            first_day > grace and coalesce(first_day <= end_day, true), false
        )) as is_added,
        bool_or(is_undated and not is_first_episode) as is_of_another
    from placed
    group by episode_id
),

covered as (
    select distinct e.episode_id
    from work.episodes as e
    join work.cover as c
        on
            e.patient_id = c.patient_id
            and c.kind = 'any_record'
            and e.index_on - date '1970-01-01' between c.first_day and c.last_day
)

select
    e.episode_id,
    case
        when not coalesce(f.has_medications, false) or e.index_on is null
            then null
        when d.was_before and d.is_after_grace then 'before'
        when d.was_before then 'stopped'
        when d.is_started then 'at_start'
        when d.is_added then 'added'
        when d.is_of_another then null
        else 'none'
    end as medication_group,
    case
        when not coalesce(f.has_medications, false) or e.index_on is null
            then null
        when c.episode_id is not null or d.is_on then true
        when d.is_of_another then null
        else false
    end as is_on_medication_at_start
from work.episodes as e
left join work.sources as f on e.source = f.source
left join described as d on e.episode_id = d.episode_id
left join covered as c on e.episode_id = c.episode_id;

create table work.overlaps as
with placed as (
    select
        episode_id, patient_id, source,
        index_on - date '1970-01-01' - getvariable('medication_grace_days')
            as grace_day,
        if(treatments_count > 0, index_on, null) - date '1970-01-01'
            as first_session,
        last_attended_on - date '1970-01-01' as last_session
    from work.episodes
),

summed as (
    select
        e.episode_id,
        sum(greatest(
            least(c.last_day, e.last_session)
            - greatest(c.first_day, e.first_session) + 1, 0
        )) as days,
        max(least(c.last_day, e.grace_day - 1)) filter (where
            c.first_day < e.grace_day
        ) as last_day_before
    from placed as e
    join work.cover as c
        on e.patient_id = c.patient_id and c.kind = 'any_record'
    group by e.episode_id
),

gathered as (
    select
        e.*,
        coalesce(f.has_medications, false) as is_measured,
        e.first_session is not null as has_sessions,
        u.patient_id is not null as has_undated,
        coalesce(s.days, 0) as days,
        s.last_day_before,
        p.observed_from - date '1970-01-01' as observed_from
    from placed as e
    left join work.sources as f on e.source = f.source
    left join work.undated as u on e.patient_id = u.patient_id
    left join summed as s on e.episode_id = s.episode_id
    left join work.patients as p on e.patient_id = p.patient_id
)

select
    episode_id,
    if(is_measured and has_sessions and not has_undated, days, null)::integer
        as medication_overlap_days,
    case
        when not is_measured or not has_sessions then null
        when days >= getvariable('combined_from_days') then true
        when not has_undated then false
    end as is_combined_descriptively,
    case
        when not is_measured then null
        when last_day_before >= grace_day - getvariable('new_user_105_days')
            then false
        when
            not has_undated
            and observed_from <= grace_day - getvariable('new_user_105_days')
            then true
    end as is_new_user_105,
    case
        when not is_measured then null
        when last_day_before >= grace_day - getvariable('new_user_180_days')
            then false
        when
            not has_undated
            and observed_from <= grace_day - getvariable('new_user_180_days')
            then true
    end as is_new_user_180,
    case
        when not is_measured then null
        when last_day_before >= grace_day - getvariable('new_user_365_days')
            then false
        when
            not has_undated
            and observed_from <= grace_day - getvariable('new_user_365_days')
            then true
    end as is_new_user_365
from gathered;

create table marts.fct_episodes as
with joined as (
    select
        e.*,
        f.date_mode, p.birth_year, p.index_year, g.medication_group,
        g.is_on_medication_at_start,
        coalesce(f.has_sessions, false) as is_attendance_known,
        n.treatments_count as sessions_count, n.is_finished,
        n.is_ended_before_treatment, n.end_kind, n.is_dropped_out,
        n.is_left_before_improvement, q.prior_episodes_count,
        q.days_since_prior_episode, q.has_failed_prior_episode,
        q.is_re_referral, q.is_transfer, q.overlaps_another_episode,
        q.is_new_to_therapy, o.medication_overlap_days,
        o.is_combined_descriptively, o.is_new_user_105, o.is_new_user_180,
        o.is_new_user_365, r.adequate_trials_count, r.is_trd_strict,
        r.is_trd_cobalt, r.is_recorded as is_trd_recorded, r.is_trd_proxy,
        coalesce(e.last_treatment_on, e.ended_on) - e.index_on as length,
        e.first_attended_on - e.referred_on as wait,
        e.second_attended_on - e.referred_on as second_wait
    from work.episodes as e
    join work.medication_groups as g on e.episode_id = g.episode_id
    join work.endings as n on e.episode_id = n.episode_id
    join work.overlaps as o on e.episode_id = o.episode_id
    join work.resistance as r on e.episode_id = r.episode_id
    left join work.priors as q on e.episode_id = q.episode_id
    left join work.sources as f on e.source = f.source
    left join work.patients as p on e.patient_id = p.patient_id
)

select
    episode_id, patient_id, site_id, first_clinician_id, source,
    coalesce(first_modality, modality) as modality, allocated_arm,
    first_format as format, first_delivery_mode as delivery_mode,
    intended_length, end_reason, end_kind, depression_duration_band,
    medication_group,
    case
        when sessions_count is null or sessions_count = 0 then null
        when
            sessions_count >= getvariable('length_long_from_sessions')
            or length >= getvariable('length_long_from_days')
            then 'long_term'
        when not is_finished then null
        when sessions_count <= getvariable('length_short_up_to_sessions')
            then 'short_term'
        else 'intermediate'
    end as length_class,
    case
        when date_mode = 'calendar' or index_year is not null
            then year(index_on) - birth_year
    end::integer as age_at_start_years,
    depression_onset_months, current_episode_months, adequate_medication_trials,
    prior_therapy_episodes,
    sessions_count as attended_sessions_count,
    sessions_count as attended_treatment_sessions_count,
    if(is_attendance_known, coalesce(contacts_count, 0), null)
        as attended_contacts_count,
    if(is_attendance_known, coalesce(not_attended_count, 0), null)
        as not_attended_count,
    if(is_attendance_known, coalesce(cancelled_late_count, 0), null)
        as cancelled_late_count,
    if(is_attendance_known, coalesce(restarts_count, 0), null) as restarts_count,
    if(wait >= 0, wait, null)::integer as wait_to_first_days,
    if(wait >= 0, second_wait, null)::integer as wait_to_second_days,
    length::integer as length_days,
    prior_episodes_count, days_since_prior_episode, medication_overlap_days,
    adequate_trials_count, is_derived,
    date_mode = 'relative' as has_relative_dates,
    is_first_episode, is_finished,
    is_ended_before_treatment as ended_before_treatment,
    is_dropped_out, is_left_before_improvement, has_failed_prior_episode,
    is_re_referral, is_transfer, overlaps_another_episode, is_new_to_therapy,
    is_randomised, is_on_medication_at_start, is_combined_descriptively,
    is_new_user_105, is_new_user_180, is_new_user_365,
    is_trd_recorded as is_treatment_resistant,
    is_trd_strict, is_trd_cobalt, is_trd_recorded, is_trd_proxy,
    case
        when current_episode_months is not null
            then current_episode_months >= getvariable('chronic_from_months')
        when depression_duration_band = 'over_24_months' then true
        when depression_duration_band = 'up_to_6_months' then false
    end as is_chronic,
    case
        when current_episode_months is not null
            then
                current_episode_months
                > getvariable('long_current_episode_over_months')
        when depression_duration_band in ('over_6_months', 'over_24_months')
            then true
        when depression_duration_band = 'up_to_6_months' then false
    end as is_current_episode_over_6_months,
    referred_on, started_on, index_on, ended_on
from joined;
