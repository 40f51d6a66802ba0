-- One row per source whose loads this release reads. A source whose name begins with
-- simulated_ holds made-up people; every page says so.
with

current_loads as (

    select distinct load_id
    from staging.stg_load_feeds
    where is_current

),

newest as (

    select distinct on (loads.source) loads.*
    from staging.stg_loads as loads
    inner join current_loads using (load_id)
    order by loads.source, loads.extracted_at desc, loads.load_id desc

),

patients as (

    select source, count(*) as patients_count
    from staging.stg_patients
    group by source

)

select
    newest.source,
    newest.owner,
    newest.contact,
    newest.disclosure_profile,
    case when newest.date_mode = 'calendar' then newest.data_to end as data_to,
    coalesce(patients.patients_count, 0) as patients_count,
    starts_with(newest.source, 'simulated_') as is_simulated

from newest

left join patients using (source)
