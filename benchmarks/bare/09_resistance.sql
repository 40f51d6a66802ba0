-- Four answers to whether the depression was treatment resistant on day 0.

create table work.undated as
select distinct patient_id
from work.spells
where is_only_known_at_index and is_antidepressant;

create table work.diagnoses as
with current_rows as (
    select d.*
    from raw.diagnoses as d
    join work.current_loads as l on d.load_id = l.load_id and l.feed = 'diagnoses'
    qualify row_number() over (
        partition by d.source, d.diagnosis_id order by l.age
    ) = 1
)

select d.patient_id, d.code, d.recorded_on, coalesce(d.is_active, true) as is_active
from current_rows as d
semi join work.patients as p on d.patient_id = p.patient_id
where not coalesce(d.is_deleted, false);

-- after six weeks or more switched from, augmented, or still ill
create table work.failures as
with spells as (
    select * from work.spells
    where not is_only_known_at_index and is_antidepressant
),

failed as (
    select earlier_id as medication_spell_id, started_on as failed_on
    from work.switches
    where earlier_id is not null
    union all
    select s.medication_spell_id, w.started_on
    from spells as s
    join work.switches as w
        on
            s.patient_id = w.patient_id
            and s.ingredient != w.ingredient
            and w.is_augmentation
            and s.started_on < w.started_on
            and coalesce(s.ended_on >= w.started_on, true)
    union all
    select s.medication_spell_id, a.completed_on
    from spells as s
    join work.assessments as a
        on
            s.patient_id = a.patient_id
            and s.started_on < a.completed_on
            and coalesce(s.ended_on >= a.completed_on, true)
    where
        a.instrument = 'phq9'
        and a.points >= getvariable('proxy_failure_from_points')
)

select
    s.medication_spell_id, s.patient_id, s.ingredient, s.ended_on,
    min(f.failed_on) as failed_on
from spells as s
join failed as f using (medication_spell_id)
where f.failed_on - s.started_on >= getvariable('adequate_trial_days')
group by all;

create table work.resistance as
with placed as (
    select
        episode_id, patient_id, source, index_on,
        index_on + floor(
            -current_episode_months * getvariable('days_per_month')
        )::integer as depressed_from,
        coalesce(
            is_treatment_resistant,
            adequate_medication_trials
            >= getvariable('treatment_resistant_from_trials')
        ) as is_recorded
    from work.episodes
),

tried as (
    select
        e.episode_id,
        count(distinct t.ingredient) filter (where
            t.adequate_on <= e.index_on
            and least(t.ended_on, e.index_on) - e.depressed_from + 1
            >= getvariable('adequate_trial_days')
        ) as adequate_count,
        count(distinct t.ingredient) filter (where
            t.possibly_adequate_on <= e.index_on
            and coalesce(
                least(t.ended_on, e.index_on) - e.depressed_from + 1
                >= getvariable('adequate_trial_days'), true
            )
        ) as possible_count,
        bool_or(
            e.index_on - t.started_on >= getvariable('adequate_trial_days')
            and coalesce(t.ended_on >= e.index_on, true)
        ) as is_six_weeks_on
    from placed as e
    join work.trials as t
        on e.patient_id = t.patient_id and t.started_on <= e.index_on
    where t.is_antidepressant
    group by e.episode_id
),

failed as (
    select e.episode_id, count(distinct f.ingredient) as failed_count
    from placed as e
    join work.failures as f
        on e.patient_id = f.patient_id and f.failed_on <= e.index_on
    where coalesce(f.ended_on >= e.depressed_from, true)
    group by e.episode_id
),

ill as (
    select
        b.episode_id,
        coalesce(
            max((b.points >= i.caseness_from_points)::integer)
                filter (where b.instrument = 'bdi_ii'),
            max((b.points >= i.caseness_from_points)::integer)
                filter (where b.instrument = 'phq9')
        ) = 1 as is_case
    from work.baselines as b
    join seeds.instruments as i using (instrument)
    group by b.episode_id
),

depressed as (
    select distinct e.episode_id
    from placed as e
    join work.diagnoses as d
        on e.patient_id = d.patient_id and d.recorded_on <= e.index_on
    join seeds.icd10_groups as g
        on
            g.diagnosis_group = 'depression'
            and starts_with(replace(d.code, '.', ''), g.code_prefix)
    where d.is_active
),

gathered as (
    select
        e.*,
        coalesce(f.has_medications, false) and e.index_on is not null
            as is_measured,
        u.patient_id is not null as has_undated,
        coalesce(t.adequate_count, 0)::integer as adequate_count,
        coalesce(t.possible_count, 0) as possible_count,
        coalesce(x.failed_count, 0) as failed_count,
        coalesce(t.is_six_weeks_on, false) as is_six_weeks_on,
        case
            when d.episode_id is not null then true
            when f.has_diagnoses then false
        end as is_diagnosed,
        i.is_case
    from placed as e
    left join work.sources as f on e.source = f.source
    left join work.undated as u on e.patient_id = u.patient_id
    left join tried as t on e.episode_id = t.episode_id
    left join failed as x on e.episode_id = x.episode_id
    left join ill as i on e.episode_id = i.episode_id
    left join depressed as d on e.episode_id = d.episode_id
)

select
    episode_id,
    is_recorded,
    case
        when not is_measured or has_undated then null
        when depressed_from is not null or possible_count = 0 then adequate_count
    end as adequate_trials_count,
    case
        when not is_measured then null
        when adequate_count >= getvariable('treatment_resistant_from_trials')
            then true
        when
            possible_count < getvariable('treatment_resistant_from_trials')
            and not has_undated
            then false
    end as is_trd_strict,
    case
        when not is_measured then null
        when is_six_weeks_on then true
        when not has_undated then false
    end and is_diagnosed and is_case as is_trd_cobalt,
    case
        when not is_measured then null
        when failed_count >= getvariable('treatment_resistant_from_trials')
            then true
        when not has_undated then false
    end as is_trd_proxy
from gathered;
