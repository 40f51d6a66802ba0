{#
    One row per dated spell: whether it was an adequate trial, that is, enough
    covered days at the minimum dose of its ingredient or more, and on which day
    it became one.
#}

with

spells as (

    select
        *,
        {{ days_between("cast('1970-01-01' as date)", 'started_on') }}
            as first_spell_day,
        coalesce(
            {{ days_between("cast('1970-01-01' as date)", 'ended_on') }},
            9999999
        ) as last_spell_day
    from {{ ref('int_medications_joined_into_spells') }}
    where not is_only_known_at_index

),

covered as (

    select * from {{ ref('int_medications_covered') }}

),

sources as (

    select * from {{ ref('int_sources_observed') }}

),

records as (

    select
        spells.medication_spell_id,
        covered.medication_id,
        covered.first_day,
        covered.last_day,
        coalesce(covered.is_dose_known, false) as is_dose_known,
        covered.is_dose_adequate,
        {{ days_between("cast('1970-01-01' as date)", 'sources.data_to') }}
            as data_to_day
    from spells

    inner join covered
        on
            spells.patient_id = covered.patient_id
            and spells.ingredient = covered.ingredient
            and covered.first_day
            between spells.first_spell_day and spells.last_spell_day

    left join sources
        on covered.source = sources.source

),

judged as (

    -- an open record is known to cover the days up to the end of the data
    select
        medication_spell_id,
        medication_id,
        first_day,
        coalesce(last_day, data_to_day) as last_day,
        'adequate' as counting
    from records
    where
        is_dose_adequate
        and first_day <= coalesce(last_day, data_to_day)

    union all

    -- what it would be if unknown doses were adequate and open records went on
    select
        medication_spell_id,
        medication_id,
        first_day,
        coalesce(last_day, 9999999) as last_day,
        'possible' as counting
    from records
    where coalesce(is_dose_adequate, true)

),

merged as (

    {{ merged_runs('judged', ['medication_spell_id', 'counting']) }}

),

accumulated as (

    select
        *,
        coalesce(
            sum(last_day - first_day + 1) over (
                partition by medication_spell_id, counting
                order by first_day
                rows between unbounded preceding and 1 preceding
            ),
            0
        ) as days_before
    from merged

),

reached as (

    select
        medication_spell_id,
        counting,
        min(
            first_day + {{ threshold('adequate_trial_days') }} - days_before - 1
        ) as reached_day
    from accumulated
    where
        days_before + last_day - first_day + 1
        >= {{ threshold('adequate_trial_days') }}
    group by
        medication_spell_id,
        counting

),

described as (

    select
        medication_spell_id,
        bool_and(is_dose_known) as is_dose_known
    from records
    group by medication_spell_id

),

dated as (

    select
        spells.medication_spell_id,
        spells.patient_id,
        spells.ingredient,
        spells.is_antidepressant,
        spells.started_on,
        spells.ended_on,
        described.is_dose_known,
        adequate.reached_day as adequate_day,
        possible.reached_day as possible_day
    from spells

    inner join described
        on spells.medication_spell_id = described.medication_spell_id

    left join reached as adequate
        on
            spells.medication_spell_id = adequate.medication_spell_id
            and adequate.counting = 'adequate'

    left join reached as possible
        on
            spells.medication_spell_id = possible.medication_spell_id
            and possible.counting = 'possible'

),

final as (

    select
        ---------- ids
        medication_spell_id,
        patient_id,

        ---------- strings
        ingredient,

        ---------- booleans
        is_antidepressant,
        is_dose_known,
        case
            when adequate_day is not null then true
            when possible_day is null then false
        end as is_adequate_trial,

        ---------- dates
        started_on,
        ended_on,
        {{ add_days("cast('1970-01-01' as date)", 'adequate_day') }}
            as adequate_on,
        {{ add_days("cast('1970-01-01' as date)", 'possible_day') }}
            as possibly_adequate_on

    from dated

)

select * from final
