-- Who remitted in therapy, and what came after the landmark.

-- what surrounds the score that confirms a remission, in days from it
create table work.around_remission as
with sessions as (
    select
        r.episode_id,
        t.held_on - r.remitted_on as day,
        t.held_on >= e.index_on as is_of_course_on
    from work.remissions as r
    join work.episodes as e on r.episode_id = e.episode_id
    join work.attended_treatments as t on r.patient_id = t.patient_id
)

select
    episode_id,
    count_if(day <= 0 and is_of_course_on) as sessions_to_remission_count,
    count_if(
        day > getvariable('relapse_landmark_days')
        and day
        <= getvariable('relapse_landmark_days')
        + getvariable('relapse_followed_days')
    ) as sessions_12mo_count,
    bool_or(day between -getvariable('relapse_therapy_days_before') and 0)
        as is_in_therapy,
    bool_or(day between 1 and getvariable('relapse_landmark_days'))
        as is_continued
from sessions
group by episode_id;

create table work.after_landmark as
with dated as (
    select
        episode_id,
        completed_on - remitted_on - getvariable('relapse_landmark_days') as day
    from work.scores_followed
)

select
    episode_id,
    count_if(day between 1 and getvariable('relapse_followed_days')) as scores,
    max(day) as last_day
from dated
group by episode_id;

create table work.day_of_remission as
select
    r.episode_id,
    r.remitted_on - e.index_on as days_to_remission,
    (
        select arg_min(s.points, s.assessment_id)
        from work.scores as s
        where
            s.episode_id = r.episode_id
            and s.instrument = 'phq9'
            and s.completed_on = r.remitted_on
    ) as points,
    if(
        r.source in (select s.source from work.sources as s where s.has_medications),
        exists (
            select 1 from work.spells as x
            where
                x.patient_id = r.patient_id
                and x.is_antidepressant
                and x.started_on <= r.remitted_on
                and coalesce(x.ended_on >= r.remitted_on, true)
        ),
        null
    ) as is_on_medication
from work.remissions as r
join work.episodes as e on r.episode_id = e.episode_id;

create table marts.cmp_continued_vs_stopped_after_remission as
with from_landmark as (
    select
        *,
        followed_days - getvariable('relapse_landmark_days') as seen,
        event_high_on - remitted_on - getvariable('relapse_landmark_days') as found
    from marts.fct_relapses
),

landmark as (
    select
        *,
        case
            when seen > 0 then seen
            when status = 'relapsed' then (found + 1) // 2
            else 0
        end as day
    from from_landmark
    where
        case status
            when 'relapsed' then found > 0
            when 'died' then seen > 0
            else true
        end
),

joined as (
    select
        m.*, a.is_continued, a.sessions_to_remission_count,
        a.sessions_12mo_count as sessions_after,
        d.points as remission_points, d.days_to_remission, d.is_on_medication,
        l.event_collection_reason as reason,
        coalesce(x.scores, 0) as scores,
        least(
            greatest(coalesce(x.last_day, 0), 0), getvariable('relapse_followed_days')
        ) as scored_days,
        least(l.day, getvariable('relapse_followed_days')) as days,
        case
            when l.day > getvariable('relapse_followed_days') then 'censored'
            when l.status = 'relapsed' then 'event'
            else l.status
        end as status,
        coalesce(
            u.followed_days
            >= d.days_to_remission
            + getvariable('relapse_landmark_days')
            + getvariable('relapse_followed_days'),
            false
        ) as is_over
    from work.measured as m
    join work.units as u on m.unit_id = u.unit_id
    join landmark as l on m.episode_id = l.episode_id
    join work.around_remission as a on m.episode_id = a.episode_id
    join work.day_of_remission as d on m.episode_id = d.episode_id
    left join work.after_landmark as x on m.episode_id = x.episode_id
    where a.is_in_therapy
)

select
    'continued_vs_stopped_after_remission' as comparison_id,
    unit_id, episode_id, patient_id, cluster_id, site_id, source,
    if(is_continued, 'continued', 'stopped') as arm,
    modality, format, delivery_mode, intended_length, payer,
    if(is_over, status, null) as phq9_ill_again_12mo_status,
    baseline_phq9_points, baseline_phq9_item_9_points, baseline_gad7_points,
    baseline_wsas_points, age_at_start_years, deprivation_quintile,
    current_episode_months, prior_episodes_count, adequate_trials_count,
    wait_to_first_days, start_year,
    remission_points as remission_phq9_points,
    days_to_remission::integer as days_to_remission,
    sessions_to_remission_count::integer as sessions_to_remission_count,
    if(is_over, days, null)::integer as phq9_ill_again_12mo_days,
    if(is_over, scores, null)::integer as scores_12mo_count,
    if(is_over, scored_days, null)::integer as scored_12mo_days,
    if(is_over, sessions_after, null)::integer as sessions_12mo_count,
    is_continued as is_exposed,
    is_randomised, is_chronic, is_treatment_resistant, is_severe, is_female,
    has_failed_prior_episode, is_on_medication_at_start, has_prior_medication,
    has_panic_disorder,
    is_on_medication as is_on_medication_at_remission,
    is_over as is_due_12mo,
    if(is_over, status = 'event' and coalesce(reason = 'return', false), null)
        as is_found_at_return
from joined;
