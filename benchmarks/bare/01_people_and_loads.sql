-- Which loads count, who the patients are, and what each source covers.

create table work.loads as
select
    * replace (
        max(extracted_at) over (
            partition by source, coalesce(files_id, load_id)
        ) as extracted_at
    )
from raw.loads
where accepted_at <= getvariable('as_of')::timestamp
    and coalesce(withdrawn_at > getvariable('as_of')::timestamp, true)
    and coalesce(purged_at > getvariable('as_of')::timestamp, true)
qualify row_number() over (
    partition by source, coalesce(files_id, load_id)
    order by accepted_at desc, load_id desc
) = 1;

create table work.load_feeds as
select
    *,
    is_supplied and (
        full_from_here = 0 or (kind = 'full' and full_from_here = 1)
    ) as is_current
from (
    select
        l.load_id, l.source, l.namespace, l.kind, l.date_mode, l.extracted_at,
        l.accepted_at, f.feed, f.is_supplied,
        count(*) filter (where l.kind = 'full' and f.is_supplied) over (
            partition by l.source, f.feed
            order by l.extracted_at desc, l.accepted_at desc, l.load_id desc
            rows unbounded preceding
        ) as full_from_here
    from raw.load_feeds as f
    join work.loads as l using (load_id)
);

-- of each source and feed, newest load first
create table work.current_loads as
select
    load_id, feed,
    row_number() over (
        order by extracted_at desc, accepted_at desc, load_id desc
    ) as age
from work.load_feeds
where is_current;

create table work.sources as
with supplied as (
    select namespace, feed, bool_or(is_current) as is_supplied
    from work.load_feeds
    group by all
)

select
    s.source, s.date_mode,
    coalesce(bool_or(f.is_supplied) filter (where f.feed = 'episodes'), false)
        as has_episodes,
    coalesce(bool_or(f.is_supplied) filter (where f.feed = 'sessions'), false)
        as has_sessions,
    coalesce(bool_or(f.is_supplied) filter (where f.feed = 'medications'), false)
        as has_medications,
    coalesce(bool_or(f.is_supplied) filter (where f.feed = 'diagnoses'), false)
        as has_diagnoses
from (
    select distinct source, namespace, date_mode
    from work.load_feeds
    where is_current
) as s
join supplied as f using (namespace)
group by all;

create table work.observed as
select source, max(data_to) filter (where date_mode = 'calendar') as data_to
from work.loads
group by source;

create table work.patients as
with current_rows as (
    select p.*, l.age
    from raw.patients as p
    join work.current_loads as l on p.load_id = l.load_id and l.feed = 'patients'
    qualify row_number() over (
        partition by p.source, p.patient_id order by l.age
    ) = 1
),

ranked as (
    select current_rows.*, place
    from current_rows
    join (
        select
            load_id,
            row_number() over (order by extracted_at desc, source) as place
        from work.loads
    ) using (load_id)
    where not coalesce(is_deleted, false)
)

select
    patient_id,
    arg_min(source, place) as source,
    arg_min(sex, place) as sex,
    arg_min(ethnicity, place) as ethnicity,
    arg_min(region, place) as region,
    arg_min(payer, place) as payer,
    case
        when not coalesce(bool_or(is_aged_90_plus), false)
            then arg_min(birth_year, place)
    end as birth_year,
    arg_min(deprivation_quintile, place) as deprivation_quintile,
    arg_min(index_year, place) as index_year,
    bool_or(is_aged_90_plus) as is_aged_90_plus,
    arg_min(died_on, place) as died_on,
    min(observed_from) as observed_from,
    max(observed_to) as observed_to
from ranked
group by patient_id;
