{#
    One row per spell whose first record is a dispensing: whether it starts a
    treatment, and how many days of the windows after it any dispensed
    antidepressant covers. The logic is that of CMS128 and of the PQA's share of
    days covered; it is no certified measure.
#}

with

covered as (

    select * from {{ ref('int_medications_covered') }}

),

spells as (

    select
        *,
        {{ days_between("cast('1970-01-01' as date)", 'started_on') }}
            as first_spell_day
    from {{ ref('int_medications_joined_into_spells') }}
    where
        not is_only_known_at_index
        and is_antidepressant

),

runs as (

    select * from {{ ref('int_medications_merged_by_patient') }}

),

sources as (

    select * from {{ ref('int_sources_observed') }}

),

patients as (

    select * from {{ ref('int_patients_merged_across_sources') }}

),

dispensed_starts as (

    select
        spells.medication_spell_id,
        spells.patient_id,
        spells.ingredient,
        spells.first_spell_day,
        max(
            {{ days_between("cast('1970-01-01' as date)", 'sources.data_to') }}
        ) as data_to_day
    from spells

    inner join covered
        on
            spells.patient_id = covered.patient_id
            and spells.ingredient = covered.ingredient
            and spells.first_spell_day = covered.first_day
            and covered.record_type = 'dispensed'

    left join sources
        on covered.source = sources.source

    group by
        spells.medication_spell_id,
        spells.patient_id,
        spells.ingredient,
        spells.first_spell_day

),

earlier_cover as (

    select distinct dispensed_starts.medication_spell_id
    from dispensed_starts

    inner join runs
        on
            dispensed_starts.patient_id = runs.patient_id
            and runs.cover = 'any_record'
            and dispensed_starts.first_spell_day > runs.first_day
            and runs.last_day
            >= dispensed_starts.first_spell_day
            - {{ threshold('new_user_105_days') }}

),

starts_marked as (

    -- of two that start on one day the first in the alphabet is the start
    select
        dispensed_starts.*,
        earlier_cover.medication_spell_id is null
        -- somebody who was not observed before may have had some
        and coalesce(
            {{ days_between(
                "cast('1970-01-01' as date)", 'patients.observed_from'
            ) }}
            <= dispensed_starts.first_spell_day
            - {{ threshold('new_user_105_days') }},
            true
        )
        and row_number() over (
            partition by
                dispensed_starts.patient_id,
                dispensed_starts.first_spell_day
            order by dispensed_starts.ingredient
        ) = 1 as is_new_start,
        least(
            dispensed_starts.data_to_day,
            coalesce(
                {{ days_between(
                    "cast('1970-01-01' as date)", 'patients.died_on'
                ) }},
                9999999
            ),
            coalesce(
                {{ days_between(
                    "cast('1970-01-01' as date)", 'patients.observed_to'
                ) }},
                9999999
            )
        ) as followed_to_day
    from dispensed_starts

    left join earlier_cover
        on
            dispensed_starts.medication_spell_id
            = earlier_cover.medication_spell_id

    left join patients
        on dispensed_starts.patient_id = patients.patient_id

),

windows as (

    select
        *,
        first_spell_day + {{ threshold('persistence_acute_window_days') }} - 1
            as acute_end_day,
        least(
            first_spell_day + {{ threshold('pdc_window_days') }} - 1,
            followed_to_day
        ) as period_end_day,
        first_spell_day
        + {{ threshold('persistence_continuation_window_days') }} - 1
            as continuation_end_day
    from starts_marked

),

days_covered as (

    select
        windows.medication_spell_id,
        sum(
            greatest(
                least(runs.last_day, windows.acute_end_day)
                - greatest(runs.first_day, windows.first_spell_day) + 1,
                0
            )
        ) as acute_days,
        sum(
            greatest(
                least(runs.last_day, windows.continuation_end_day)
                - greatest(runs.first_day, windows.first_spell_day) + 1,
                0
            )
        ) as continuation_days,
        sum(
            greatest(
                least(runs.last_day, windows.period_end_day)
                - greatest(runs.first_day, windows.first_spell_day) + 1,
                0
            )
        ) as period_days
    from windows

    inner join runs
        on
            windows.patient_id = runs.patient_id
            and runs.cover = 'dispensed'
            and windows.first_spell_day <= runs.last_day

    group by windows.medication_spell_id

),

dispensings as (

    -- two dispensings of one day are one visit to the pharmacy
    select
        windows.medication_spell_id,
        count(distinct covered.start_day) as dispensings_count
    from windows

    inner join covered
        on
            windows.patient_id = covered.patient_id
            and covered.record_type = 'dispensed'
            and covered.is_antidepressant
            and covered.start_day
            between windows.first_spell_day and windows.period_end_day

    group by windows.medication_spell_id

),

final as (

    select
        ---------- ids
        windows.medication_spell_id,

        ---------- numerics
        case
            when
                windows.is_new_start
                and windows.data_to_day is not null
                and windows.period_end_day - windows.first_spell_day
                >= {{ threshold('pdc_from_days_before_end') }}
                and dispensings.dispensings_count
                >= {{ threshold('pdc_from_dispensings') }}
                then
                    cast(days_covered.period_days as double)
                    / (windows.period_end_day - windows.first_spell_day + 1)
        end as pdc_share,

        ---------- booleans
        windows.is_new_start,
        -- null until the whole window has been seen
        case
            when
                windows.is_new_start
                and windows.data_to_day is not null
                and windows.followed_to_day >= windows.acute_end_day
                then
                    days_covered.acute_days
                    >= {{ threshold('persistence_acute_from_days') }}
        end as is_persistent_84,
        case
            when
                windows.is_new_start
                and windows.data_to_day is not null
                and windows.followed_to_day >= windows.continuation_end_day
                then
                    days_covered.continuation_days
                    >= {{ threshold('persistence_continuation_from_days') }}
        end as is_persistent_180

    from windows

    left join days_covered
        on windows.medication_spell_id = days_covered.medication_spell_id

    left join dispensings
        on windows.medication_spell_id = dispensings.medication_spell_id

)

select * from final
