{#
    One row per measure of recovery and finished course that is eligible for it:
    the NHS rule on two measures, and the same on the PHQ-9 alone (`_phq`).
    A source that never uses a measure is not eligible; a course without the
    scores is, and counts as not reached. Until the gap that ends a course
    without a word has passed, a course is excluded, however it ended.
#}

{{ config(materialized='view') }}

{%- set not_at_caseness =
    "case when is_recovered is null then 'not_at_caseness' end" -%}
{%- set not_at_caseness_phq =
    "case when is_recovered_phq is null then 'not_at_caseness' end" -%}

{%- set measures = [
    {
        'id': 'paired_score_completeness',
        'numerator': 'has_paired_scores',
    },
    {
        'id': 'recovery',
        'exclusion': not_at_caseness,
        'numerator': 'is_recovered',
    },
    {
        'id': 'reliable_improvement',
        'numerator': 'is_reliably_improved',
    },
    {
        'id': 'reliable_recovery',
        'exclusion': not_at_caseness,
        'numerator': 'is_reliably_recovered',
    },
    {
        'id': 'reliable_deterioration',
        'numerator': 'is_reliably_deteriorated',
    },
    {
        'id': 'paired_score_completeness_phq',
        'numerator': 'has_paired_scores_phq',
    },
    {
        'id': 'recovery_phq',
        'exclusion': not_at_caseness_phq,
        'numerator': 'is_recovered_phq',
    },
    {
        'id': 'reliable_improvement_phq',
        'numerator': 'is_reliably_improved_phq',
    },
    {
        'id': 'reliable_recovery_phq',
        'exclusion': not_at_caseness_phq,
        'numerator': 'is_reliably_recovered_phq',
    },
    {
        'id': 'reliable_deterioration_phq',
        'numerator': 'is_reliably_deteriorated_phq',
    },
] -%}

{%- for measure in measures -%}
    {%- set rule = '_phq' if measure.id.endswith('_phq') else '' -%}
    {%- do measure.update({
        'eligible': 'is_reliably_improved' ~ rule ~ ' is not null',
        'not_over': 'is_end_too_early',
    }) -%}
{%- endfor -%}

with

recoveries as (

    select * from {{ ref('fct_episode_recoveries') }}

),

episodes as (

    select * from {{ ref('fct_episodes') }}

),

modalities as (

    select * from {{ ref('modalities') }}

),

data_ends as (

    select * from {{ ref('int_sources_observed') }}

),

courses as (

    select
        recoveries.*,
        recoveries.episode_id as unit_id,
        episodes.first_clinician_id as clinician_id,
        episodes.site_id,
        episodes.modality,
        episodes.format,
        recoveries.finished_on as anchored_on,
        (
            recoveries.first_phq9_points is not null
            and recoveries.last_phq9_points is not null
        ) as has_paired_scores_phq,
        -- null, and so never too early, where the end of the data is not known
        {{ days_between('recoveries.finished_on', 'data_ends.data_to') }}
        < {{ threshold('episode_gap_days') }} as is_end_too_early
    from recoveries

    inner join episodes
        on recoveries.episode_id = episodes.episode_id

    left join modalities
        on episodes.modality = modalities.modality

    left join data_ends
        on recoveries.source = data_ends.source

    where coalesce(modalities.is_therapy, true)

),

judged as (

    {{ judged_units('courses', measures) }}

)

select * from judged
