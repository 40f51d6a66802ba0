{#
    One row per unit with what was known on day 0 of the person, the depression
    and the course. A month in which therapy could have been added has no course
    of its own: what only a course has is null there. Null means not known.
#}

with

units as (

    select * from {{ ref('int_units_started') }}

),

episodes as (

    select * from {{ ref('int_episodes_started') }}

),

known_episodes as (

    select * from episodes

),

descriptions as (

    select * from {{ ref('int_episodes_described') }}

),

attended as (

    select * from {{ ref('int_episodes_attended') }}

),

prior_courses as (

    select * from {{ ref('int_episodes_compared_with_prior') }}

),

failures as (

    select * from {{ ref('int_episodes_failed') }}

),

endings as (

    select * from {{ ref('int_episodes_ended') }}

),

resistance as (

    select * from {{ ref('int_episodes_marked_resistant') }}

),

medication_groups as (

    select * from {{ ref('int_episodes_grouped_by_medication') }}

),

baselines as (

    select * from {{ ref('int_episodes_scored_at_baseline') }}

),

month_scores as (

    select * from {{ ref('int_patients_scored_by_month') }}

),

patients as (

    select * from {{ ref('int_patients_merged_across_sources') }}

),

feeds as (

    select * from {{ ref('int_feeds_supplied_by_namespace') }}

),

spells as (

    select * from {{ ref('int_medications_joined_into_spells') }}
    where is_antidepressant

),

diagnoses as (

    select * from {{ ref('stg_diagnoses') }}

),

icd10_groups as (

    select * from {{ ref('icd10_groups') }}
    where diagnosis_group = 'panic'

),

instruments as (

    select * from {{ ref('instruments') }}
    where instrument = 'phq9'

),

scored_beside as (

    select
        units.unit_id,
        max(
            case
                when baselines.instrument = 'gad7'
                    then baselines.baseline_points
            end
        ) as baseline_gad7_points,
        max(
            case
                when baselines.instrument = 'wsas'
                    then baselines.baseline_points
            end
        ) as baseline_wsas_points
    from units

    inner join baselines
        on units.episode_id = baselines.episode_id

    group by units.unit_id

    union all

    select
        units.unit_id,
        max(
            case
                when month_scores.instrument = 'gad7'
                    then month_scores.points
            end
        ) as baseline_gad7_points,
        max(
            case
                when month_scores.instrument = 'wsas'
                    then month_scores.points
            end
        ) as baseline_wsas_points
    from units

    inner join month_scores
        on
            units.is_trial_month
            and units.patient_id = month_scores.patient_id
            and units.index_on = month_scores.month_on

    group by units.unit_id

),

medicated_before as (

    -- what began within the grace before day 0 may have begun with therapy
    select distinct units.unit_id
    from units

    inner join spells
        on units.patient_id = spells.patient_id

    where
        spells.is_only_known_at_index
        or {{ days_between('spells.started_on', 'units.index_on') }}
        > {{ threshold('medication_grace_days') }}

),

panic_diagnosed as (

    select distinct units.unit_id
    from units

    inner join diagnoses
        on
            units.patient_id = diagnoses.patient_id
            and units.index_on >= diagnoses.recorded_on

    inner join icd10_groups
        on
            replace(diagnoses.code, '.', '')
            like concat(icd10_groups.code_prefix, '%')

    -- a diagnosis whose state is not given counts
    where coalesce(diagnoses.is_active, true)

),

courses_before as (

    -- of a month: courses that had begun by then; what one came to after it is
    -- not known in it
    select
        units.unit_id,
        cast(count(*) as integer) as prior_episodes_count,
        bool_or(
            failures.is_failed and endings.last_on <= units.index_on
        ) as has_known_failure,
        bool_or(
            failures.is_failed is null and endings.last_on <= units.index_on
        ) as has_unknown_result
    from units

    inner join episodes
        on
            units.patient_id = episodes.patient_id
            and units.index_on > episodes.index_on

    inner join failures
        on episodes.episode_id = failures.episode_id

    inner join endings
        on episodes.episode_id = endings.episode_id

    where
        units.is_trial_month
        and episodes.attended_sessions_count > 0

    group by units.unit_id

),

final as (

    select
        ---------- ids
        units.unit_id,

        ---------- strings
        patients.payer,
        episodes.first_modality as modality,
        episodes.first_format as format,
        episodes.first_delivery_mode as delivery_mode,
        episodes.intended_length,

        ---------- numerics
        scored_beside.baseline_gad7_points,
        scored_beside.baseline_wsas_points,
        case
            when units.is_trial_month
                then
                    cast(
                        extract(year from units.index_on)
                        - patients.birth_year as integer
                    )
            else descriptions.age_at_start_years
        end as age_at_start_years,
        patients.deprivation_quintile,
        known_episodes.current_episode_months,
        case
            when units.is_trial_month
                then coalesce(courses_before.prior_episodes_count, 0)
            else prior_courses.prior_episodes_count
        end as prior_episodes_count,
        resistance.adequate_trials_count,
        attended.wait_to_first_days,
        cast(extract(year from units.index_on) as integer) as start_year,

        ---------- booleans
        patients.sex = 'female' as is_female,
        descriptions.is_chronic,
        descriptions.is_treatment_resistant,
        units.baseline_points >= instruments.severe_from_points as is_severe,
        case
            when not units.is_trial_month
                then prior_courses.has_failed_prior_episode
            when courses_before.has_known_failure then true
            when not coalesce(courses_before.has_unknown_result, false)
                then false
        end as has_failed_prior_episode,
        units.is_trial_month
        or medication_groups.is_on_medication_at_start
            as is_on_medication_at_start,
        case
            when coalesce(medication_feeds.is_supplied, false)
                then medicated_before.unit_id is not null
        end as has_prior_medication,
        case
            when coalesce(diagnosis_feeds.is_supplied, false)
                then panic_diagnosed.unit_id is not null
        end as has_panic_disorder

    from units

    cross join instruments

    left join episodes
        on units.episode_id = episodes.episode_id

    left join known_episodes
        on units.known_episode_id = known_episodes.episode_id

    left join descriptions
        on units.known_episode_id = descriptions.episode_id

    left join attended
        on units.episode_id = attended.episode_id

    left join prior_courses
        on units.episode_id = prior_courses.episode_id

    left join resistance
        on units.episode_id = resistance.episode_id

    left join medication_groups
        on units.episode_id = medication_groups.episode_id

    left join scored_beside
        on units.unit_id = scored_beside.unit_id

    left join courses_before
        on units.unit_id = courses_before.unit_id

    left join patients
        on units.patient_id = patients.patient_id

    left join medicated_before
        on units.unit_id = medicated_before.unit_id

    left join panic_diagnosed
        on units.unit_id = panic_diagnosed.unit_id

    left join feeds as medication_feeds
        on
            units.source = medication_feeds.source
            and medication_feeds.feed = 'medications'

    left join feeds as diagnosis_feeds
        on
            units.source = diagnosis_feeds.source
            and diagnosis_feeds.feed = 'diagnoses'

)

select * from final
