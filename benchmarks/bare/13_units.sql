-- Whom a service's own records let it compare, and what was known on their day 0.

create table work.attended_treatments as
select session_id, patient_id, site_id, held_on
from work.sessions
where is_attended_treatment;

create table work.excluding as
select d.patient_id, min(d.recorded_on) as excluded_from
from work.diagnoses as d
join seeds.excluded_diagnoses as x on substr(d.code, 1, 3) = x.code_group
where d.is_active
group by d.patient_id;

-- the last score of the 60 days up to the first of each month
create table work.month_scores as
with months as (
    select unnest(generate_series(
        date_trunc('month', min(completed_on)),
        max(completed_on) + getvariable('added_therapy_score_days_before')::integer,
        interval 1 month
    ))::date as month_on
    from work.scores
)

select
    s.patient_id, s.source, s.instrument, s.points, s.item_9_points, m.month_on
from work.scores as s
join months as m
    on
        m.month_on - s.completed_on
        between 0 and getvariable('added_therapy_score_days_before')
where s.instrument in ('phq9', 'gad7', 'wsas')
qualify row_number() over (
    partition by s.patient_id, s.instrument, m.month_on
    order by s.completed_on desc, s.assessment_id
) = 1;

-- months in which a person on medication could have begun therapy
create table work.added_therapy as
with ill as (
    select
        m.*, o.data_to,
        m.month_on - date '1970-01-01' as month_day
    from work.month_scores as m
    join seeds.instruments as i
        on m.instrument = i.instrument and m.points >= i.response_floor_points
    join work.sources as f on m.source = f.source and f.has_sessions
    join work.observed as o
        on
            m.source = o.source
            and o.data_to - m.month_on >= getvariable('added_therapy_grace_days')
    join work.patients as p on m.patient_id = p.patient_id
    left join work.excluding as x on m.patient_id = x.patient_id
    where
        m.instrument = 'phq9'
        and not coalesce(x.excluded_from <= m.month_on, false)
        and not coalesce(p.died_on < m.month_on, false)
        and not coalesce(p.observed_from > m.month_on, false)
        and not coalesce(p.observed_to < m.month_on, false)
        and not coalesce(
            year(m.month_on) - p.birth_year < getvariable('adult_from_years'),
            false
        )
),

medicated as (
    select distinct i.*
    from ill as i
    join work.spells as s
        on
            i.patient_id = s.patient_id
            and s.is_antidepressant
            and i.month_on - s.started_on
            >= getvariable('added_therapy_medication_days_before')
            and i.month_on <= coalesce(s.ended_on, i.month_on)
    semi join work.covered as c
        on
            s.patient_id = c.patient_id
            and s.ingredient = c.ingredient
            and c.is_antidepressant
            and i.month_day between c.first_day and coalesce(c.last_day, 9999999)
)

select
    m.patient_id, m.source, m.points, m.item_9_points, m.month_on,
    coalesce(bool_or(t.held_on >= m.month_on), false) as is_started
from medicated as m
left join work.attended_treatments as t
    on
        m.patient_id = t.patient_id
        and m.month_on - t.held_on <= getvariable('episode_gap_days')
        and t.held_on - m.month_on <= getvariable('added_therapy_grace_days')
group by all
having not coalesce(bool_or(t.held_on < m.month_on), false);

create table work.units as
with courses as (
    select
        e.episode_id as unit_id, e.episode_id, e.episode_id as known_episode_id,
        e.patient_id, coalesce(e.first_clinician_id, e.patient_id) as cluster_id,
        e.site_id, e.source, b.points, b.item_9_points, b.completed_on as baseline_on,
        false as is_month, null::boolean as is_started, e.index_on
    from marts.fct_episodes as e
    join work.episodes as w on e.episode_id = w.episode_id
    join work.baselines as b
        on e.episode_id = b.episode_id and b.instrument = 'phq9'
    join seeds.instruments as i
        on b.instrument = i.instrument and b.points >= i.response_floor_points
    left join seeds.modalities as k on e.modality = k.modality
    left join work.patients as p on e.patient_id = p.patient_id
    left join work.excluding as x on e.patient_id = x.patient_id
    where
        w.treatments_count > 0
        and not e.has_relative_dates
        and coalesce(k.is_therapy, true)
        and not coalesce(x.excluded_from <= e.index_on, false)
        and not coalesce(p.died_on < e.index_on, false)
        and not coalesce(
            e.age_at_start_years < getvariable('adult_from_years'), false
        )
),

months as (
    select
        a.patient_id || '|' || a.month_on as unit_id, null as episode_id,
        e.episode_id as known_episode_id, a.patient_id, a.patient_id as cluster_id,
        e.site_id, a.source, a.points, a.item_9_points, null::date as baseline_on,
        true as is_month, a.is_started, a.month_on as index_on
    from work.added_therapy as a
    left join work.episodes as e
        on
            a.patient_id = e.patient_id
            and coalesce(e.referred_on, e.index_on) <= a.month_on
    qualify row_number() over (
        partition by a.patient_id, a.month_on
        order by coalesce(e.referred_on, e.index_on) desc nulls last, e.episode_id
    ) = 1
)

select
    u.*,
    o.data_to - u.index_on as followed_days,
    coalesce((
        select list(w.outcome_window)
        from seeds.outcome_windows as w
        where w.to_day <= o.data_to - u.index_on
    ), []) as due
from (
    from courses
    union all
    from months
) as u
left join work.observed as o on u.source = o.source;

create table work.day_0 as
with beside as (
    select
        u.unit_id,
        max(coalesce(b.points, m.points)) filter (
            where coalesce(b.instrument, m.instrument) = 'gad7'
        ) as gad7,
        max(coalesce(b.points, m.points)) filter (
            where coalesce(b.instrument, m.instrument) = 'wsas'
        ) as wsas
    from work.units as u
    left join work.baselines as b on u.episode_id = b.episode_id
    left join work.month_scores as m
        on
            u.is_month
            and u.patient_id = m.patient_id
            and u.index_on = m.month_on
    group by u.unit_id
),

before_the_month as (
    select
        u.unit_id,
        count(*)::integer as courses_count,
        count_if(n.is_failed and n.last_on <= u.index_on) > 0 as has_failed,
        count_if(n.is_failed is null and n.last_on <= u.index_on) > 0
            as has_unknown
    from work.units as u
    join work.episodes as e
        on
            u.patient_id = e.patient_id
            and e.index_on < u.index_on
            and e.treatments_count > 0
    join work.endings as n on e.episode_id = n.episode_id
    where u.is_month
    group by u.unit_id
),

medicated as (
    select distinct u.unit_id
    from work.units as u
    join work.spells as s on u.patient_id = s.patient_id
    where
        s.is_antidepressant
        and (
            s.is_only_known_at_index
            or u.index_on - s.started_on > getvariable('medication_grace_days')
        )
),

panicking as (
    select distinct u.unit_id
    from work.units as u
    join work.diagnoses as d
        on u.patient_id = d.patient_id and d.recorded_on <= u.index_on
    join seeds.icd10_groups as g
        on
            g.diagnosis_group = 'panic'
            and starts_with(replace(d.code, '.', ''), g.code_prefix)
    where d.is_active
)

select
    u.unit_id,
    w.first_modality as modality, w.first_format as format,
    w.first_delivery_mode as delivery_mode, w.intended_length, p.payer,
    b.gad7 as baseline_gad7_points, b.wsas as baseline_wsas_points,
    if(
        u.is_month, year(u.index_on) - p.birth_year, k.age_at_start_years
    )::integer as age_at_start_years,
    p.deprivation_quintile, k.current_episode_months,
    if(u.is_month, coalesce(m.courses_count, 0), e.prior_episodes_count)
        as prior_episodes_count,
    e.adequate_trials_count, e.wait_to_first_days,
    year(u.index_on)::integer as start_year,
    k.is_chronic, k.is_treatment_resistant,
    u.points >= i.severe_from_points as is_severe,
    p.sex = 'female' as is_female,
    case
        when not u.is_month then e.has_failed_prior_episode
        when m.has_failed then true
        when not coalesce(m.has_unknown, false) then false
    end as has_failed_prior_episode,
    u.is_month or e.is_on_medication_at_start as is_on_medication_at_start,
    if(f.has_medications, x.unit_id is not null, null) as has_prior_medication,
    if(f.has_diagnoses, c.unit_id is not null, null) as has_panic_disorder,
    e.is_dropped_out
from work.units as u
join seeds.instruments as i on i.instrument = 'phq9'
left join marts.fct_episodes as e on u.episode_id = e.episode_id
left join marts.fct_episodes as k on u.known_episode_id = k.episode_id
left join work.episodes as w on u.episode_id = w.episode_id
left join work.patients as p on u.patient_id = p.patient_id
left join work.sources as f on u.source = f.source
left join beside as b on u.unit_id = b.unit_id
left join before_the_month as m on u.unit_id = m.unit_id
left join medicated as x on u.unit_id = x.unit_id
left join panicking as c on u.unit_id = c.unit_id;
