-- Switches, persistence, and the spells with all that is known of them.

create table work.switches as
with pairs as (
    select
        s.medication_spell_id, s.is_antidepressant, s.ended_on,
        e.medication_spell_id as earlier_id, e.ingredient as earlier_ingredient,
        e.ended_on as earlier_ended_on, s.started_on - e.ended_on as days_after
    from work.spells as s
    join work.spells as e
        on
            s.patient_id = e.patient_id
            and s.ingredient != e.ingredient
            and s.started_on > e.started_on
            and e.is_antidepressant
            and s.ingredient != 'antidepressant_unspecified'
            and e.ingredient != 'antidepressant_unspecified'
),

switched as (
    select * from pairs
    where
        is_antidepressant
        and days_after between -getvariable('switch_window_days')
        and getvariable('switch_window_days')
        and coalesce(ended_on > earlier_ended_on, true)
    qualify row_number() over (
        partition by medication_spell_id
        order by earlier_ended_on desc, earlier_ingredient
    ) = 1
)

select
    s.medication_spell_id, s.patient_id, s.ingredient, s.started_on,
    w.earlier_id, w.earlier_ingredient as switched_from,
    s.medication_spell_id in (
        select medication_spell_id from pairs
        where coalesce(days_after < -getvariable('switch_window_days'), true)
    ) as is_augmentation
from work.spells as s
left join switched as w using (medication_spell_id)
where not s.is_only_known_at_index;

-- unbroken runs of days covered by any antidepressant, however recorded
create table work.cover as
with bounded as (
    select
        medication_id, patient_id, first_day,
        coalesce(last_day, 9999999) as last_day,
        unnest(if(
            record_type = 'dispensed', ['any_record', 'dispensed'], ['any_record']
        )) as kind
    from work.covered
    where is_antidepressant
),

marked as (
    select
        *,
        coalesce(first_day > 1 + max(last_day) over (
            partition by patient_id, kind
            order by first_day, medication_id
            rows between unbounded preceding and 1 preceding
        ), true) as starts_a_run
    from bounded
),

numbered as (
    select
        *,
        count_if(starts_a_run) over (
            partition by patient_id, kind
            order by first_day, medication_id
            rows unbounded preceding
        ) as run
    from marked
)

select
    patient_id, kind, min(first_day) as first_day, max(last_day) as last_day
from numbered
group by patient_id, kind, run;

create table work.persistence as
with starts as (
    select
        s.medication_spell_id, s.patient_id, s.ingredient, s.first_day,
        max(r.data_to_day) as data_to_day
    from work.spells as s
    join work.spell_records as r
        on
            s.medication_spell_id = r.medication_spell_id
            and s.first_day = r.first_day
            and r.record_type = 'dispensed'
    where s.is_antidepressant
    group by all
),

judged as (
    select
        s.*,
        e.medication_spell_id is null
        and coalesce(
            p.observed_from - date '1970-01-01'
            <= s.first_day - getvariable('new_user_105_days'), true
        )
        and row_number() over (
            partition by s.patient_id, s.first_day order by s.ingredient
        ) = 1 as is_new_start,
        s.first_day + getvariable('persistence_acute_window_days') - 1
            as acute_end,
        s.first_day + getvariable('persistence_continuation_window_days') - 1
            as continuation_end,
        least(
            s.data_to_day,
            p.died_on - date '1970-01-01',
            p.observed_to - date '1970-01-01'
        ) as followed_to,
        least(s.first_day + getvariable('pdc_window_days') - 1, followed_to)
            as period_end
    from starts as s
    left join (
        select distinct s.medication_spell_id
        from starts as s
        join work.cover as c
            on
                s.patient_id = c.patient_id
                and c.kind = 'any_record'
                and c.first_day < s.first_day
                and c.last_day >= s.first_day - getvariable('new_user_105_days')
    ) as e using (medication_spell_id)
    left join work.patients as p on s.patient_id = p.patient_id
),

days as (
    select
        j.medication_spell_id,
        sum(greatest(
            least(c.last_day, acute_end) - greatest(c.first_day, j.first_day) + 1,
            0
        )) as acute_days,
        sum(greatest(
            least(c.last_day, continuation_end)
            - greatest(c.first_day, j.first_day) + 1, 0
        )) as continuation_days,
        sum(greatest(
            least(c.last_day, period_end) - greatest(c.first_day, j.first_day) + 1,
            0
        )) as period_days
    from judged as j
    join work.cover as c
        on
            j.patient_id = c.patient_id
            and c.kind = 'dispensed'
            and c.last_day >= j.first_day
    where j.is_new_start
    group by j.medication_spell_id
),

visits as (
    select j.medication_spell_id, count(distinct c.start_day) as visits_count
    from judged as j
    join work.covered as c
        on
            j.patient_id = c.patient_id
            and c.record_type = 'dispensed'
            and c.is_antidepressant
            and c.start_day between j.first_day and j.period_end
    where j.is_new_start
    group by j.medication_spell_id
)

select
    j.medication_spell_id,
    j.is_new_start,
    case
        when
            j.is_new_start
            and j.data_to_day is not null
            and j.period_end - j.first_day
            >= getvariable('pdc_from_days_before_end')
            and v.visits_count >= getvariable('pdc_from_dispensings')
            then d.period_days::double / (j.period_end - j.first_day + 1)
    end as pdc_share,
    if(
        j.is_new_start
        and j.data_to_day is not null
        and j.followed_to >= j.acute_end,
        d.acute_days >= getvariable('persistence_acute_from_days'), null
    ) as is_persistent_84,
    if(
        j.is_new_start
        and j.data_to_day is not null
        and j.followed_to >= j.continuation_end,
        d.continuation_days >= getvariable('persistence_continuation_from_days'),
        null
    ) as is_persistent_180
from judged as j
left join days as d using (medication_spell_id)
left join visits as v using (medication_spell_id);

create table marts.fct_medication_spells as
select
    s.medication_spell_id, s.patient_id, s.ingredient, w.switched_from,
    s.records_count, s.covered_days, p.pdc_share, s.is_only_known_at_index,
    s.is_antidepressant, coalesce(t.is_dose_known, false) as is_dose_known,
    t.is_adequate_trial, w.is_augmentation, p.is_new_start, p.is_persistent_84,
    p.is_persistent_180,
    p.pdc_share >= getvariable('pdc_adherent_from_share') as is_adherent,
    s.started_on, s.ended_on
from work.spells as s
left join work.trials as t using (medication_spell_id)
left join work.switches as w using (medication_spell_id)
left join work.persistence as p using (medication_spell_id);
