-- Medication records into covered days, spells and trials.
-- Days are counted from 1 January 1970; 9999999 is a day that never comes.

create table work.medications as
with current_rows as (
    select m.*
    from raw.medications as m
    join work.current_loads as l
        on m.load_id = l.load_id and l.feed = 'medications'
    qualify row_number() over (
        partition by m.source, m.medication_id order by l.age
    ) = 1
)

select
    m.medication_id, m.patient_id, m.source, m.ingredient, m.record_type,
    m.days_supply, m.is_in_use_at_index, m.started_on, m.ended_on,
    m.started_on - date '1970-01-01' as start_day,
    m.ended_on - date '1970-01-01' as end_day,
    if(
        m.atc_code not like 'N06A%', false, coalesce(i.is_antidepressant, true)
    ) as is_antidepressant,
    m.daily_dose_mg is not null and i.minimum_daily_dose_mg is not null
        as is_dose_known,
    m.daily_dose_mg >= i.minimum_daily_dose_mg as is_dose_adequate,
    m.record_type = 'dispensed'
    and m.days_supply is not null
    and m.ended_on is null as is_stockpiled,
    -- a dose for sleep or pain treats no depression
    coalesce(m.daily_dose_mg > i.excluded_up_to_daily_dose_mg, true)
        as is_counted
from current_rows as m
semi join work.patients as p on m.patient_id = p.patient_id
left join seeds.ingredients as i on m.ingredient = i.ingredient
where not coalesce(m.is_deleted, false);

-- what is dispensed before the last supply is used up comes after it
create table work.covered as
with accumulated as (
    select
        *,
        sum(days_supply) over (
            partition by patient_id, ingredient
            order by started_on, medication_id
            rows unbounded preceding
        ) - days_supply as days_before
    from work.medications
    where is_counted and started_on is not null and is_stockpiled
)

select
    medication_id, patient_id, source, ingredient, record_type,
    is_antidepressant, is_dose_known, is_dose_adequate, start_day,
    (days_before + max(start_day - days_before) over (
        partition by patient_id, ingredient
        order by started_on, medication_id
        rows unbounded preceding
    ))::integer as first_day,
    first_day + days_supply - 1 as last_day
from accumulated
union all by name
select
    medication_id, patient_id, source, ingredient, record_type,
    is_antidepressant, is_dose_known, is_dose_adequate, start_day,
    start_day::integer as first_day,
    coalesce(end_day, start_day + days_supply - 1)::integer as last_day
from work.medications
where is_counted and started_on is not null and not is_stockpiled;

create table work.spells as
with spaced as (
    select
        *,
        coalesce(greatest(first_day - 1 - max(coalesce(last_day, 9999999)) over (
            partition by patient_id, ingredient
            order by first_day, medication_id
            rows between unbounded preceding and 1 preceding
        ), 0), 0) as gap
    from work.covered
),

numbered as (
    select
        *,
        count_if(gap > getvariable('medication_gap_days')) over (
            partition by patient_id, ingredient
            order by first_day, medication_id
            rows unbounded preceding
        ) as spell
    from spaced
),

joined as (
    select
        patient_id, ingredient, bool_and(is_antidepressant) as is_antidepressant,
        false as is_only_known_at_index,
        count(*)::integer as records_count,
        min(first_day) as first_day,
        if(count(last_day) = count(*), max(last_day), null) as last_day,
        sum(if(gap > getvariable('medication_gap_days'), 0, gap)) as uncovered
    from numbered
    group by patient_id, ingredient, spell
    union all by name
    select
        patient_id, ingredient, bool_and(is_antidepressant) as is_antidepressant,
        true as is_only_known_at_index,
        count(*)::integer as records_count
    from work.medications
    where is_counted and started_on is null and is_in_use_at_index
    group by patient_id, ingredient
)

select
    * exclude (uncovered),
    (last_day - first_day + 1 - uncovered)::integer as covered_days,
    date '1970-01-01' + first_day as started_on,
    date '1970-01-01' + last_day as ended_on,
    md5(
        patient_id || '|' || ingredient || '|'
        || coalesce((date '1970-01-01' + first_day)::varchar, 'at index')
    ) as medication_spell_id
from joined;

-- each record with its spell
create table work.spell_records as
select
    s.medication_spell_id, c.medication_id, c.first_day, c.last_day,
    c.record_type, c.is_dose_known, c.is_dose_adequate, o.data_to - date '1970-01-01' as data_to_day
from work.spells as s
join work.covered as c
    on
        s.patient_id = c.patient_id
        and s.ingredient = c.ingredient
        and c.first_day between s.first_day and coalesce(s.last_day, 9999999)
left join work.observed as o on c.source = o.source;

create table work.trials as
with judged as (
    -- an open record is known to go on to the end of the data, and may go on
    select
        * exclude (last_day), 'adequate' as counting,
        coalesce(last_day, data_to_day) as last_day
    from work.spell_records
    where is_dose_adequate and first_day <= coalesce(last_day, data_to_day)
    union all by name
    select
        * exclude (last_day), 'possible' as counting,
        coalesce(last_day, 9999999) as last_day
    from work.spell_records
    where coalesce(is_dose_adequate, true)
),

marked as (
    select
        *,
        coalesce(first_day > 1 + max(last_day) over (
            partition by medication_spell_id, counting
            order by first_day, medication_id
            rows between unbounded preceding and 1 preceding
        ), true) as starts_a_run
    from judged
),

numbered as (
    select
        *,
        count_if(starts_a_run) over (
            partition by medication_spell_id, counting
            order by first_day, medication_id
            rows unbounded preceding
        ) as run
    from marked
),

runs as (
    select
        medication_spell_id, counting, min(first_day) as first_day,
        max(last_day) - min(first_day) + 1 as days
    from numbered
    group by medication_spell_id, counting, run
),

totalled as (
    select
        *,
        sum(days) over (
            partition by medication_spell_id, counting
            order by first_day
            rows unbounded preceding
        ) as days_so_far
    from runs
),

reached as (
    select
        medication_spell_id,
        min(day) filter (where counting = 'adequate') as adequate_day,
        min(day) filter (where counting = 'possible') as possible_day
    from (
        select
            medication_spell_id, counting,
            first_day + getvariable('adequate_trial_days')
            - (days_so_far - days) - 1 as day
        from totalled
        where days_so_far >= getvariable('adequate_trial_days')
    )
    group by medication_spell_id
),

described as (
    select
        medication_spell_id, bool_and(is_dose_known) as is_dose_known
    from work.spell_records
    group by medication_spell_id
)

select
    s.medication_spell_id, s.patient_id, s.ingredient, s.is_antidepressant,
    s.started_on, s.ended_on, d.is_dose_known,
    case
        when r.adequate_day is not null then true
        when r.possible_day is null then false
    end as is_adequate_trial,
    date '1970-01-01' + r.adequate_day::integer as adequate_on,
    date '1970-01-01' + r.possible_day::integer as possibly_adequate_on
from work.spells as s
join described as d using (medication_spell_id)
left join reached as r using (medication_spell_id);
