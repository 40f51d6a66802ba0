{#
    One row per episode: four answers to whether the depression was treatment
    resistant on day 0, kept apart because they describe different people.
#}

with

episodes as (

    -- the first day of the current depressive episode, where it is known
    select
        *,
        {{ add_days(
            'index_on',
            'floor(-current_episode_months * ' ~ threshold('days_per_month') ~ ')'
        ) }} as depressed_from
    from {{ ref('int_episodes_started') }}

),

trials as (

    select * from {{ ref('int_medications_tried') }}
    where is_antidepressant

),

failures as (

    select * from {{ ref('int_medications_failed') }}

),

undated_spells as (

    select distinct patient_id
    from {{ ref('int_medications_joined_into_spells') }}
    where
        is_only_known_at_index
        and is_antidepressant

),

baselines as (

    select * from {{ ref('int_episodes_scored_at_baseline') }}

),

instruments as (

    select * from {{ ref('instruments') }}

),

diagnoses as (

    select * from {{ ref('stg_diagnoses') }}

),

icd10_groups as (

    select * from {{ ref('icd10_groups') }}
    where diagnosis_group = 'depression'

),

descriptions as (

    select * from {{ ref('int_episodes_described') }}

),

medication_feeds as (

    select * from {{ ref('int_feeds_supplied_by_namespace') }}
    where feed = 'medications'

),

diagnosis_feeds as (

    select * from {{ ref('int_feeds_supplied_by_namespace') }}
    where feed = 'diagnoses'

),

trials_counted as (

    -- two spells of one ingredient are one antidepressant; what lies before
    -- this depressive episode was for another one
    select
        episodes.episode_id,
        count(
            distinct case
                when
                    trials.adequate_on <= episodes.index_on
                    and {{ days_between(
                        'episodes.depressed_from',
                        'least(trials.ended_on, episodes.index_on)'
                    ) }} + 1
                    >= {{ threshold('adequate_trial_days') }}
                    then trials.ingredient
            end
        ) as adequate_count,
        count(
            distinct case
                when
                    trials.possibly_adequate_on <= episodes.index_on
                    and coalesce(
                        {{ days_between(
                            'episodes.depressed_from',
                            'least(trials.ended_on, episodes.index_on)'
                        ) }} + 1
                        >= {{ threshold('adequate_trial_days') }},
                        true
                    )
                    then trials.ingredient
            end
        ) as possible_count,
        bool_or(
            {{ days_between('trials.started_on', 'episodes.index_on') }}
            >= {{ threshold('adequate_trial_days') }}
            and coalesce(trials.ended_on >= episodes.index_on, true)
        ) as is_six_weeks_on_medication
    from episodes

    inner join trials
        on
            episodes.patient_id = trials.patient_id
            and episodes.index_on >= trials.started_on

    group by episodes.episode_id

),

failures_counted as (

    select
        episodes.episode_id,
        count(distinct failures.ingredient) as failed_count
    from episodes

    inner join failures
        on
            episodes.patient_id = failures.patient_id
            and episodes.index_on >= failures.failed_on

    where coalesce(failures.ended_on >= episodes.depressed_from, true)

    group by episodes.episode_id

),

scores as (

    -- the BDI-II is the trial's own; the PHQ-9 stands in where it is missing
    select
        baselines.episode_id,
        max(
            case
                when baselines.instrument = 'bdi_ii'
                    then
                        case
                            when
                                baselines.baseline_points
                                >= instruments.caseness_from_points
                                then 1
                            else 0
                        end
            end
        ) as is_bdi_ii_case,
        max(
            case
                when baselines.instrument = 'phq9'
                    then
                        case
                            when
                                baselines.baseline_points
                                >= instruments.caseness_from_points
                                then 1
                            else 0
                        end
            end
        ) as is_phq9_case
    from baselines

    inner join instruments
        on baselines.instrument = instruments.instrument

    group by baselines.episode_id

),

depressed as (

    select distinct episodes.episode_id
    from episodes

    inner join diagnoses
        on
            episodes.patient_id = diagnoses.patient_id
            and episodes.index_on >= diagnoses.recorded_on

    inner join icd10_groups
        on
            replace(diagnoses.code, '.', '')
            like concat(icd10_groups.code_prefix, '%')

    -- a diagnosis whose state is not given counts
    where coalesce(diagnoses.is_active, true)

),

gathered as (

    select
        episodes.episode_id,
        coalesce(medication_feeds.is_supplied, false)
        and episodes.index_on is not null as has_medications,
        -- "in use at index" says neither since when nor at what dose
        undated_spells.patient_id is not null as has_undated_spell,
        cast(coalesce(trials_counted.adequate_count, 0) as integer)
            as adequate_count,
        coalesce(trials_counted.possible_count, 0) as possible_count,
        episodes.depressed_from is not null as is_length_known,
        coalesce(failures_counted.failed_count, 0) as failed_count,
        coalesce(trials_counted.is_six_weeks_on_medication, false)
            as is_six_weeks_on_medication,
        case
            when depressed.episode_id is not null then true
            when diagnosis_feeds.is_supplied then false
        end as has_depression_diagnosis,
        coalesce(scores.is_bdi_ii_case, scores.is_phq9_case) = 1 as is_case,
        descriptions.is_treatment_resistant
    from episodes

    inner join descriptions
        on episodes.episode_id = descriptions.episode_id

    left join medication_feeds
        on episodes.source = medication_feeds.source

    left join diagnosis_feeds
        on episodes.source = diagnosis_feeds.source

    left join undated_spells
        on episodes.patient_id = undated_spells.patient_id

    left join trials_counted
        on episodes.episode_id = trials_counted.episode_id

    left join failures_counted
        on episodes.episode_id = failures_counted.episode_id

    left join scores
        on episodes.episode_id = scores.episode_id

    left join depressed
        on episodes.episode_id = depressed.episode_id

),

final as (

    select
        ---------- ids
        episode_id,

        ---------- numerics
        -- whose depression began nobody knows when, may have had them before it
        case
            when not has_medications or has_undated_spell then null
            when is_length_known or possible_count = 0 then adequate_count
        end as adequate_trials_count,

        ---------- booleans
        case
            when not has_medications then null
            when
                adequate_count
                >= {{ threshold('treatment_resistant_from_trials') }}
                then true
            when
                possible_count
                < {{ threshold('treatment_resistant_from_trials') }}
                and not has_undated_spell
                then false
        end as is_trd_strict,
        case
            when not has_medications then null
            when is_six_weeks_on_medication then true
            when not has_undated_spell then false
        end
        and has_depression_diagnosis
        and is_case as is_trd_cobalt,
        is_treatment_resistant as is_trd_recorded,
        case
            when not has_medications then null
            when
                failed_count
                >= {{ threshold('treatment_resistant_from_trials') }}
                then true
            when not has_undated_spell then false
        end as is_trd_proxy

    from gathered

)

select * from final
