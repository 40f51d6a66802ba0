-- The marts of the service's own comparisons: one row per unit, all measured alike.

create table work.measured as
select
    u.unit_id, u.episode_id, u.patient_id, u.cluster_id, u.site_id, u.source,
    d.modality, d.format, d.delivery_mode, d.intended_length, d.payer,
    u.points as baseline_phq9_points,
    u.item_9_points as baseline_phq9_item_9_points,
    d.* exclude (
        unit_id, modality, format, delivery_mode, intended_length, payer
    ),
    w.* exclude (unit_id, item_9_points_12mo),
    l.* exclude (unit_id) replace (
        coalesce(l.recent_phq9_count_before_6mo, 0) as recent_phq9_count_before_6mo,
        coalesce(l.recent_phq9_count_before_12mo, 0) as recent_phq9_count_before_12mo,
        coalesce(l.recent_phq9_count_before_24mo, 0) as recent_phq9_count_before_24mo
    ),
    false as is_randomised,
    list_contains(u.due, '6mo') as is_due_6mo,
    list_contains(u.due, '12mo') as is_due_12mo,
    list_contains(u.due, '24mo') as is_due_24mo,
    if(is_due_12mo, v.sessions_12mo_count, null) as sessions_12mo_count,
    w.phq9_points_6mo * 2 <= u.points as is_phq9_response_6mo,
    w.phq9_points_12mo * 2 <= u.points as is_phq9_response_12mo,
    w.phq9_points_24mo * 2 <= u.points as is_phq9_response_24mo,
    w.phq9_points_12mo < i.remission_below_points as is_phq9_remission_12mo,
    w.phq9_points_12mo >= u.points + i.reliable_change_points
        as is_phq9_deterioration_12mo,
    w.item_9_points_12mo >= getvariable('any_suicidal_thoughts_from_points')
        as is_phq9_item_9_12mo,
    y.is_not_well as is_phq9_not_well_24mo,
    if(is_due_12mo, j.is_injured, null) as is_injury_12mo,
    if(is_due_12mo, r.unit_id is not null, null) as is_return_score_12mo
from work.units as u
join work.day_0 as d on u.unit_id = d.unit_id
join seeds.instruments as i on i.instrument = 'phq9'
left join work.unit_windows as w on u.unit_id = w.unit_id
left join work.unit_last_scores as l on u.unit_id = l.unit_id
left join work.unit_sessions as v on u.unit_id = v.unit_id
left join work.unit_two_years as y on u.unit_id = y.unit_id
left join work.unit_injuries as j on u.unit_id = j.unit_id
left join work.unit_returns as r on u.unit_id = r.unit_id;

create table work.stayed as
select
    m.*, null::varchar as arm, null::boolean as is_exposed,
    s.has_reentered, s.is_stop_censored, s.stop_week, w.remitted_week
from work.measured as m
join work.stops as s on m.unit_id = s.unit_id
left join work.remitted_weeks as w on m.unit_id = w.unit_id;

create table marts.cmp_long_vs_short_term as
select 'long_vs_short_term' as comparison_id, * from work.stayed;

create table marts.cmp_long_vs_short_term_fixed_52_weeks as
select 'long_vs_short_term_fixed_52_weeks' as comparison_id, * from work.stayed;

create table marts.cmp_long_vs_short_term_from_week_26 as
select 'long_vs_short_term_from_week_26' as comparison_id, *
from work.stayed
where stop_week >= getvariable('length_decision_week');

create table marts.cmp_long_vs_short_term_by_contract as
select
    'long_vs_short_term_by_contract' as comparison_id, *,
    intended_length as arm, intended_length = 'long_term' as is_exposed
from work.measured
where episode_id is not null and intended_length in ('long_term', 'short_term');

create table marts.cmp_therapy_plus_medication_vs_therapy as
select
    'therapy_plus_medication_vs_therapy' as comparison_id, m.*,
    e.medication_group = 'at_start' as is_exposed,
    if(is_exposed, 'therapy_plus_medication', 'therapy') as arm
from work.measured as m
join marts.fct_episodes as e on m.episode_id = e.episode_id
join work.units as u on m.unit_id = u.unit_id
where
    e.is_new_user_105
    and e.medication_group is not null
    and not coalesce(m.is_treatment_resistant, false)
    and u.followed_days >= getvariable('medication_grace_days');

create table marts.cmp_therapy_plus_medication_vs_medication as
select
    'therapy_plus_medication_vs_medication' as comparison_id, m.*,
    u.is_started as is_exposed,
    if(is_exposed, 'therapy_plus_medication', 'medication') as arm
from work.measured as m
join work.units as u on m.unit_id = u.unit_id
where u.is_month;

create table marts.cmp_modality as
select
    'modality' as comparison_id, *, modality as arm, null::boolean as is_exposed
from work.measured
where episode_id is not null and modality is not null;

create table marts.cmp_format as
select
    'format' as comparison_id, *, format as arm, null::boolean as is_exposed
from work.measured
where episode_id is not null and format is not null;
