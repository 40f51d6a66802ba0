-- What was seen of the units of the service's comparisons.

create table work.unit_scores as
select
    u.unit_id, u.due, s.assessment_id, s.instrument, s.points, s.item_9_points,
    coalesce(s.collection_reason = 'return', false) as is_return,
    s.completed_on - u.index_on as day
from work.units as u
join work.scores as s
    on u.patient_id = s.patient_id and s.completed_on > u.index_on;

create table work.unit_windows as
with nearest as (
    select s.*, w.outcome_window
    from work.unit_scores as s
    join seeds.outcome_windows as w
        on
            s.day between w.from_day and w.to_day
            and list_contains(s.due, w.outcome_window)
    where not s.is_return
    qualify row_number() over (
        partition by s.unit_id, s.instrument, w.outcome_window
        order by abs(s.day - w.nominal_day), s.day desc, s.assessment_id
    ) = 1
)

select
    unit_id,
    max(if(outcome_window = '6mo' and instrument = 'phq9', points, null))
        as phq9_points_6mo,
    max(if(outcome_window = '12mo' and instrument = 'phq9', points, null))
        as phq9_points_12mo,
    max(if(outcome_window = '24mo' and instrument = 'phq9', points, null))
        as phq9_points_24mo,
    max(if(outcome_window = '12mo' and instrument = 'gad7', points, null))
        as gad7_points_12mo,
    max(if(outcome_window = '12mo' and instrument = 'wsas', points, null))
        as wsas_points_12mo,
    max(if(outcome_window = '24mo' and instrument = 'wsas', points, null))
        as wsas_points_24mo,
    max(if(outcome_window = '12mo' and instrument = 'swls', points, null))
        as swls_points_12mo,
    max(if(outcome_window = '24mo' and instrument = 'swls', points, null))
        as swls_points_24mo,
    max(if(outcome_window = '12mo' and instrument = 'phq9', item_9_points, null))
        as item_9_points_12mo
from nearest
group by unit_id;

create table work.unit_returns as
select distinct s.unit_id
from work.unit_scores as s
join seeds.outcome_windows as w
    on s.day between w.from_day and w.to_day and w.outcome_window = '12mo'
where s.instrument = 'phq9' and s.is_return;

create table work.unit_last_scores as
with latest as (
    select
        s.unit_id, w.outcome_window,
        arg_min(s.points, (-s.day, s.assessment_id)) as points,
        min(w.from_day - s.day) as age,
        count(*) filter (
            w.from_day - s.day <= getvariable('recent_score_days')
        ) as recent,
        avg(s.points) as mean
    from work.unit_scores as s
    join seeds.outcome_windows as w on s.day < w.from_day
    where s.instrument = 'phq9'
    group by all
)

select
    unit_id,
    max(points) filter (where outcome_window = '6mo')
        as last_phq9_points_before_6mo,
    max(points) filter (where outcome_window = '12mo')
        as last_phq9_points_before_12mo,
    max(points) filter (where outcome_window = '24mo')
        as last_phq9_points_before_24mo,
    max(age) filter (where outcome_window = '6mo')::integer
        as last_phq9_age_days_before_6mo,
    max(age) filter (where outcome_window = '12mo')::integer
        as last_phq9_age_days_before_12mo,
    max(age) filter (where outcome_window = '24mo')::integer
        as last_phq9_age_days_before_24mo,
    max(recent) filter (where outcome_window = '6mo')::integer
        as recent_phq9_count_before_6mo,
    max(recent) filter (where outcome_window = '12mo')::integer
        as recent_phq9_count_before_12mo,
    max(recent) filter (where outcome_window = '24mo')::integer
        as recent_phq9_count_before_24mo,
    max(mean) filter (where outcome_window = '6mo')
        as mean_phq9_points_before_6mo,
    max(mean) filter (where outcome_window = '12mo')
        as mean_phq9_points_before_12mo,
    max(mean) filter (where outcome_window = '24mo')
        as mean_phq9_points_before_24mo
from latest
group by unit_id;

create table work.unit_injuries as
select
    u.unit_id,
    count(d.recorded_on) > 0 as is_injured
from work.units as u
join work.sources as f on u.source = f.source and f.has_diagnoses
join work.patients as p on u.patient_id = p.patient_id
left join (
    select d.patient_id, d.recorded_on
    from work.diagnoses as d
    join seeds.icd10_groups as g
        on
            g.diagnosis_group = 'injury'
            and starts_with(replace(d.code, '.', ''), g.code_prefix)
) as d
    on
        u.patient_id = d.patient_id
        and d.recorded_on - u.index_on between 1 and getvariable('injury_days')
where
    least(
        u.followed_days, p.observed_to - u.index_on, p.died_on - u.index_on
    ) >= getvariable('injury_days')
group by u.unit_id;

create table work.unit_sessions as
select u.unit_id, count(t.session_id)::integer as sessions_12mo_count
from work.units as u
left join work.attended_treatments as t
    on
        u.patient_id = t.patient_id
        and t.held_on - u.index_on between 0 and getvariable('sessions_counted_days')
group by u.unit_id;

-- two years: no remission in the first, or a relapse within a year of it
create table work.unit_two_years as
with days as (
    select
        s.unit_id, s.day, s.points,
        s.points < i.remission_below_points as is_below,
        s.points >= i.relapse_from_points as is_ill
    from work.unit_scores as s
    join seeds.instruments as i on s.instrument = i.instrument
    where
        s.instrument = 'phq9'
        and not s.is_return
        and list_contains(s.due, '24mo')
    qualify row_number() over (
        partition by s.unit_id, s.day order by s.assessment_id
    ) = 1
),

runs as (
    select
        *,
        count_if(not is_below) over (
            partition by unit_id order by day rows unbounded preceding
        ) as run
    from days
),

remitted as (
    select unit_id, min(day) as remitted_day
    from (
        select
            unit_id, day, is_below,
            min(day) filter (where is_below) over (partition by unit_id, run)
                as run_day
        from runs
    )
    where
        is_below
        and day - run_day >= getvariable('length_remission_confirmed_days')
        and day // 7 <= getvariable('length_long_week')
    group by unit_id
),

followed as (
    select
        r.unit_id,
        count_if(
            d.is_ill and d.day - r.remitted_day <= 7 * getvariable('length_long_week')
        ) > 0 as is_relapsed,
        max(d.day) - r.remitted_day >= w.from_day as is_followed
    from remitted as r
    join days as d on r.unit_id = d.unit_id and d.day >= r.remitted_day
    join seeds.outcome_windows as w on w.outcome_window = '12mo'
    group by r.unit_id, r.remitted_day, w.from_day
)

select
    u.unit_id,
    case
        when f.unit_id is null and w.phq9_points_12mo is not null then true
        when f.is_relapsed then true
        when f.is_followed then false
    end as is_not_well
from work.units as u
left join work.unit_windows as w on u.unit_id = w.unit_id
left join followed as f on u.unit_id = f.unit_id
where list_contains(u.due, '24mo');

create table work.stops as
with ordered as (
    select
        u.unit_id, t.site_id, t.held_on,
        lead(t.held_on) over (
            partition by u.unit_id order by t.held_on, t.session_id
        ) as next_on
    from work.units as u
    join work.attended_treatments as t
        on u.patient_id = t.patient_id and t.held_on >= u.index_on
    where not u.is_month
),

stopped as (
    select * from ordered
    where
        next_on is null
        or next_on - held_on > getvariable('length_stop_gap_days')
    qualify row_number() over (partition by unit_id order by held_on) = 1
),

sites as (
    select site_id, max(held_on) as last_on
    from work.attended_treatments
    group by site_id
)

select
    u.unit_id, s.held_on as stopped_on,
    ((s.held_on - u.index_on) // 7)::integer as stop_week,
    s.next_on is not null as has_reentered,
    least(
        p.died_on, p.observed_to,
        if(s.next_on is null, u.index_on + u.followed_days::integer, null),
        if(s.next_on is null, x.last_on, null),
        if(
            n.end_kind = 'transferred' and s.held_on = e.last_treatment_on,
            s.held_on, null
        )
    ) - s.held_on <= getvariable('length_stop_gap_days') is true
        as is_stop_censored
from work.units as u
join stopped as s on u.unit_id = s.unit_id
join work.episodes as e on u.episode_id = e.episode_id
join work.endings as n on u.episode_id = n.episode_id
left join work.patients as p on u.patient_id = p.patient_id
left join sites as x on s.site_id = x.site_id;

create table work.remitted_weeks as
with days as (
    select
        s.unit_id, s.day, s.points < i.remission_below_points as is_below
    from work.unit_scores as s
    join seeds.instruments as i on s.instrument = i.instrument
    join work.stops as t on s.unit_id = t.unit_id
    join work.units as u on s.unit_id = u.unit_id
    where s.instrument = 'phq9' and u.index_on + s.day::integer <= t.stopped_on
    qualify row_number() over (
        partition by s.unit_id, s.day order by s.assessment_id
    ) = 1
),

runs as (
    select
        *,
        max(if(is_below, null, day)) over (
            partition by unit_id order by day rows unbounded preceding
        ) as last_high_day
    from days
)

select b.unit_id, (min(b.day) // 7)::integer as remitted_week
from runs as b
join runs as a
    on
        a.unit_id = b.unit_id
        and a.is_below
        and b.day - a.day >= getvariable('length_remission_confirmed_days')
        and a.day > coalesce(b.last_high_day, -1)
where b.is_below
group by b.unit_id;
