{#
    One row per measure of follow-up and course of therapy that is eligible for
    it: whether there is a PHQ-9 in a fixed window after the first score, and
    whether the most recent one there is a remission or a response. After DRR-E
    and CMS159, which take the most recent score; fct_episode_outcomes takes the
    one nearest to the nominal day.
#}

{{ config(materialized='view') }}

{%- set measures = [] -%}
{%- for window in ['6mo', '12mo'] -%}
    {%- for name, numerator in [
        ('follow_up', 'points is not null'),
        ('remission', 'points < remission_below_points'),
        ('response', '2 * points <= baseline_points'),
    ] -%}
        {%- do measures.append({
            'id': name ~ '_' ~ window,
            'eligible': "outcome_window = '" ~ window ~ "'",
            'exclusion': 'excluded_for',
            'numerator': numerator,
        }) -%}
    {%- endfor -%}
{%- endfor -%}

with

outcomes as (

    select * from {{ ref('fct_episode_outcomes') }}
    where instrument = 'phq9'

),

episodes as (

    select * from {{ ref('fct_episodes') }}

),

modalities as (

    select * from {{ ref('modalities') }}

),

instruments as (

    select * from {{ ref('instruments') }}

),

outcome_windows as (

    select * from {{ ref('outcome_windows') }}

),

patients as (

    select * from {{ ref('dim_patients') }}

),

diagnoses as (

    select * from {{ ref('stg_diagnoses') }}

),

excluded_groups as (

    select * from {{ ref('icd10_groups') }}
    where
        diagnosis_group in (
            'bipolar',
            'psychosis',
            'emotionally_unstable_personality',
            'pervasive_developmental'
        )

),

data_ends as (

    select * from {{ ref('int_sources_observed') }}

),

-- whole totals only: recorded, or made from every item
whole_scores as (

    select
        assessment_id,
        patient_id,
        points,
        completed_on
    from {{ ref('fct_assessments') }}
    where
        instrument = 'phq9'
        and is_whole_total

),

scored_days as (

    select distinct
        patient_id,
        completed_on,
        points
    from whole_scores

),

followed as (

    select
        outcomes.episode_id,
        outcomes.patient_id,
        episodes.first_clinician_id as clinician_id,
        episodes.site_id,
        episodes.modality,
        episodes.format,
        episodes.source,
        outcome_windows.outcome_window,
        outcomes.baseline_points,
        instruments.remission_below_points,
        patients.died_on,
        outcomes.baseline_on as anchored_on,
        {{ add_days('outcomes.baseline_on', 'outcome_windows.from_day') }}
            as from_on,
        {{ add_days('outcomes.baseline_on', 'outcome_windows.to_day') }}
            as to_on,
        coalesce(
            data_ends.data_to,
            case
                when not patients.is_observed_to_derived
                    then patients.observed_to
            end
        ) as data_to,
        scored_days.patient_id is not null as is_baseline_whole
    from outcomes

    inner join episodes
        on outcomes.episode_id = episodes.episode_id

    inner join instruments
        on outcomes.instrument = instruments.instrument

    inner join outcome_windows
        on outcome_windows.outcome_window in ('6mo', '12mo')

    inner join patients
        on outcomes.patient_id = patients.patient_id

    left join modalities
        on episodes.modality = modalities.modality

    left join scored_days
        on
            outcomes.patient_id = scored_days.patient_id
            and outcomes.baseline_on = scored_days.completed_on
            and outcomes.baseline_points = scored_days.points

    left join data_ends
        on episodes.source = data_ends.source

    where
        coalesce(modalities.is_therapy, true)
        and outcomes.baseline_points >= instruments.response_floor_points
        and coalesce(
            episodes.age_at_start_years
            >= {{ threshold('measure_follow_up_from_years') }},
            true
        )

),

diagnosed as (

    select distinct
        followed.episode_id,
        followed.outcome_window
    from followed

    inner join diagnoses
        on
            followed.patient_id = diagnoses.patient_id
            and followed.to_on >= diagnoses.recorded_on

    inner join excluded_groups
        on
            replace(diagnoses.code, '.', '')
            like excluded_groups.code_prefix || '%'

),

scores_in_window as (

    -- two of one day are told apart by key
    select
        followed.episode_id,
        followed.outcome_window,
        whole_scores.points,
        row_number() over (
            partition by followed.episode_id, followed.outcome_window
            order by
                whole_scores.completed_on desc,
                whole_scores.assessment_id asc
        ) as latest_first
    from followed

    inner join whole_scores
        on
            followed.patient_id = whole_scores.patient_id
            and followed.from_on <= whole_scores.completed_on
            and followed.to_on >= whole_scores.completed_on

),

courses as (

    select
        followed.*,
        followed.episode_id as unit_id,
        scores_in_window.points,
        case
            when followed.died_on <= followed.to_on then 'died'
            when diagnosed.episode_id is not null then 'excluded_diagnosis'
            when not followed.is_baseline_whole then 'first_score_not_whole'
            when followed.to_on <= followed.data_to then null
            else 'window_not_over'
        end as excluded_for
    from followed

    left join diagnosed
        on
            followed.episode_id = diagnosed.episode_id
            and followed.outcome_window = diagnosed.outcome_window

    left join scores_in_window
        on
            followed.episode_id = scores_in_window.episode_id
            and followed.outcome_window = scores_in_window.outcome_window
            and scores_in_window.latest_first = 1

),

judged as (

    {{ judged_units('courses', measures) }}

)

select * from judged
