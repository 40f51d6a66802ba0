-- The trials' marts: eligible episodes by arm, at each scheduled follow-up.

create table work.allocated as
select episode_id, source, allocated_arm, index_on
from work.episodes
where is_randomised and allocated_arm is not null;

create table work.follow_ups as
with scheduled as (
    select
        s.assessment_id, s.episode_id, s.instrument, s.points,
        (s.completed_on - s.index_on) / getvariable('days_per_month') as months,
        round(months)::integer as month
    from work.assessments as s
    where s.collection_reason = 'scheduled_follow_up' and month > 0
),

planned as (
    select distinct e.source, s.instrument, s.month
    from scheduled as s
    join work.allocated as e on s.episode_id = e.episode_id
),

seen as (
    select * from scheduled
    where points is not null
    qualify row_number() over (
        partition by episode_id, instrument, month
        order by abs(months - month), months desc, assessment_id
    ) = 1
)

select e.episode_id, p.instrument, p.month, s.points
from work.allocated as e
join planned as p on e.source = p.source
left join seen as s
    on
        e.episode_id = s.episode_id
        and p.instrument = s.instrument
        and p.month = s.month
where e.index_on is not null;

create table work.compared as
with excluded as (
    select distinct e.episode_id
    from work.episodes as e
    join work.diagnoses as d
        on e.patient_id = d.patient_id and d.recorded_on <= e.index_on
    join seeds.excluded_diagnoses as x on substr(d.code, 1, 3) = x.code_group
    where d.is_active
),

eligible as (
    select
        e.episode_id, e.patient_id,
        coalesce(e.first_clinician_id, e.patient_id) as cluster_id,
        e.source, m.is_therapy,
        e.is_on_medication_at_start as is_on,
        e.is_current_episode_over_6_months as is_long
    from marts.fct_episodes as e
    join work.allocated as a on e.episode_id = a.episode_id
    join seeds.modalities as m on a.allocated_arm = m.modality
    left join work.patients as p on e.patient_id = p.patient_id
    anti join excluded as x on e.episode_id = x.episode_id
    where
        e.index_on is not null
        and coalesce(p.died_on >= e.index_on, true)
        and coalesce(e.age_at_start_years >= getvariable('adult_from_years'), true)
),

trials as (
    select
        *,
        bool_or(not is_therapy) over (partition by source)
            as has_usual_care
    from eligible
),

assigned as (
    select
        'therapy_vs_usual_care' as comparison_id,
        if(is_therapy, 'therapy', 'usual_care') as arm,
        is_therapy as is_exposed, true as is_randomised,
        *
    from trials
    where has_usual_care
    union all
    select
        'trial_therapy_plus_medication_vs_medication',
        if(is_therapy, 'therapy_plus_medication', 'medication'),
        is_therapy, true, *
    from trials
    where has_usual_care and is_on
    union all
    select
        'trial_therapy_plus_medication_vs_therapy',
        if(is_on, 'therapy_plus_medication', 'therapy'),
        is_on, false, *
    from trials
    where is_therapy and is_on is not null
)

select
    a.comparison_id, a.episode_id, a.patient_id, a.cluster_id, a.source, a.arm,
    f.instrument,
    b.points as baseline_points,
    f.month as follow_up_month,
    f.points,
    a.is_exposed, a.is_randomised, a.is_on as is_on_medication_at_start,
    a.is_long as is_current_episode_over_6_months,
    b.points >= i.response_floor_points as is_response_eligible,
    if(is_response_eligible, 2 * f.points <= b.points, null) as is_response,
    if(is_response_eligible, f.points < i.remission_below_points, null)
        as is_remission
from assigned as a
join work.follow_ups as f on a.episode_id = f.episode_id
join seeds.instruments as i on f.instrument = i.instrument
left join work.baselines as b
    on f.episode_id = b.episode_id and f.instrument = b.instrument;

create table marts.cmp_therapy_vs_usual_care as
select * from work.compared
where comparison_id = 'therapy_vs_usual_care';

create table marts.cmp_trial_therapy_plus_medication_vs_medication as
select * from work.compared
where comparison_id = 'trial_therapy_plus_medication_vs_medication';

create table marts.cmp_trial_therapy_plus_medication_vs_therapy as
select * from work.compared
where comparison_id = 'trial_therapy_plus_medication_vs_therapy';
