-- Patients, clinicians, sites and questionnaires.

create table marts.dim_patients as
with days as (
    select patient_id, min(first_on) as first_on, max(last_on) as last_on
    from (
        select
            patient_id, least(started_on, ended_on) as first_on,
            greatest(started_on, ended_on) as last_on
        from work.episodes
        where not is_derived
        union all
        select patient_id, min(held_on), max(held_on)
        from work.sessions
        group by patient_id
        union all
        select patient_id, min(completed_on), max(completed_on)
        from work.assessments
        group by patient_id
        union all
        select patient_id, min(started_on), max(started_on)
        from work.medications
        group by patient_id
        union all
        select patient_id, recorded_on, recorded_on
        from work.diagnoses
    )
    group by patient_id
)

select
    p.patient_id, p.source, p.sex, p.ethnicity, p.region, p.payer, p.birth_year,
    p.deprivation_quintile, p.index_year, p.is_aged_90_plus,
    p.observed_from is null as is_observed_from_derived,
    p.observed_to is null as is_observed_to_derived,
    p.died_on,
    coalesce(p.observed_from, d.first_on) as observed_from,
    coalesce(p.observed_to, p.died_on, d.last_on) as observed_to
from work.patients as p
left join days as d on p.patient_id = d.patient_id;

create table work.clinicians as
select * from (
    select c.*
    from raw.clinicians as c
    join work.current_loads as l
        on c.load_id = l.load_id and l.feed = 'clinicians'
    qualify row_number() over (
        partition by c.source, c.clinician_id order by l.age
    ) = 1
)
where not coalesce(is_deleted, false);

create table marts.dim_clinicians as
with newest as (
    select c.*
    from work.clinicians as c
    join work.loads as l on c.load_id = l.load_id
    qualify row_number() over (
        partition by c.clinician_id order by l.extracted_at desc, l.load_id desc
    ) = 1
)
,

named as (
    select clinician_id, min(source) as source
    from work.sessions
    where clinician_id is not null
    group by clinician_id
)

select
    coalesce(c.clinician_id, n.clinician_id) as clinician_id,
    c.site_id,
    coalesce(c.source, n.source) as source,
    c.credential,
    k.credential_name,
    c.clinician_id is not null as is_listed,
    k.can_prescribe,
    c.treats_resistant_depression
from newest as c
full join named as n on c.clinician_id = n.clinician_id
left join seeds.credentials as k on c.credential = k.credential;

create table marts.dim_sites as
with listed as (
    select s.*
    from raw.sites as s
    join work.current_loads as l on s.load_id = l.load_id and l.feed = 'sites'
    qualify row_number() over (
        partition by s.source, s.site_id order by l.age
    ) = 1
),

newest as (
    select s.*
    from listed as s
    join work.loads as l on s.load_id = l.load_id
    where not coalesce(s.is_deleted, false)
    qualify row_number() over (
        partition by s.site_id order by l.extracted_at desc, l.load_id desc
    ) = 1
),

named as (
    select site_id, min(source) as source
    from (
        select site_id, source from work.sessions
        union all
        select site_id, source from work.episodes where not is_derived
        union all
        select site_id, source from work.clinicians
    )
    where site_id is not null
    group by site_id
)

select
    coalesce(s.site_id, n.site_id) as site_id,
    coalesce(s.source, n.source) as source,
    s.site_name,
    s.region,
    s.site_id is not null as is_listed
from newest as s
full join named as n on s.site_id = n.site_id;

create table marts.dim_instruments as
select
    instrument, name, range_source, total_rule, items_source,
    recall_window_source, caseness_source, bands_source, response_floor_source,
    remission_source, relapse_source, reliable_change_source, recovery_role,
    recovery_role_source, minimal_important_difference_source, short_items, note,
    min_points, max_points, item_count, item_min_points, item_max_points,
    short_item_max_points, prorated_items_max, recall_window_days,
    caseness_from_points, mild_from_points, moderate_from_points,
    moderately_severe_from_points, severe_from_points, very_severe_from_points,
    response_floor_points, remission_below_points, relapse_from_points,
    reliable_change_points, minimal_important_difference_points,
    minimal_important_difference_share, is_lower_better
from seeds.instruments;
