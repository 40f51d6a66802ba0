{#
    One row per measure of access or dose and course of therapy that is eligible
    for it: waits, ended before treatment, treated once, dropout, left before
    improvement, dosage.
    Counts each course once per measure; usual care is no course of therapy.

    What the end decides is excluded until the gap that ends a course without a
    word has passed for every course that ended on that day, whether its end was
    recorded or not: ends that are recorded are known at once, silent ones only
    then. Dropout needs the days of silence alone.
#}

{{ config(materialized='view') }}

{%- set left_for_other_reasons =
    "case when end_kind in ('died', 'transferred') then end_kind end" -%}

{%- set dropout_not_known -%}
case
    when end_kind in ('died', 'transferred') then end_kind
    when is_dropped_out is null then 'last_score_not_known'
end
{%- endset -%}

{%- set improvement_not_known -%}
case
    when end_kind in ('died', 'transferred') then end_kind
    when is_left_before_improvement is null then 'scores_not_known'
end
{%- endset -%}

{%- set measures = [
    {
        'id': 'wait_to_first_6_weeks',
        'anchor': 'index_on',
        'eligible': 'attended_count >= 1',
        'exclusion': 'wait_to_first_excluded_for',
        'numerator': 'wait_to_first_days <= '
            ~ threshold('measure_wait_to_first_days'),
        'value': 'wait_to_first_days',
    },
    {
        'id': 'wait_to_first_18_weeks',
        'anchor': 'index_on',
        'eligible': 'attended_count >= 1',
        'exclusion': 'wait_to_first_excluded_for',
        'numerator': 'wait_to_first_days <= '
            ~ threshold('measure_wait_to_first_long_days'),
    },
    {
        'id': 'wait_to_second_90_days',
        'anchor': 'index_on',
        'eligible': 'first_to_second_days is not null',
        'not_over': 'is_second_too_early',
        'numerator': 'first_to_second_days <= '
            ~ threshold('measure_wait_to_second_days'),
        'value': 'first_to_second_days',
    },
    {
        'id': 'ended_before_treatment',
        'eligible': 'is_finished and ended_before_treatment is not null',
        'exclusion': left_for_other_reasons,
        'not_over': 'is_end_too_early',
        'numerator': 'ended_before_treatment',
    },
    {
        'id': 'treated_once',
        'eligible': 'is_finished and attended_count >= 1',
        'exclusion': left_for_other_reasons,
        'not_over': 'is_end_too_early',
        'numerator': 'attended_count = 1',
    },
    {
        'id': 'dropout',
        'eligible': '(is_finished or is_silent) and attended_count >= 1',
        'exclusion': dropout_not_known,
        'not_over': 'is_silence_too_early',
        'numerator': 'is_dropped_out',
    },
    {
        'id': 'left_before_improvement',
        'eligible': 'is_finished and attended_count >= 1',
        'exclusion': improvement_not_known,
        'not_over': 'is_end_too_early',
        'numerator': 'is_left_before_improvement',
    },
    {
        'id': 'dosage_8_sessions',
        'eligible': 'is_finished and attended_count >= 1',
        'exclusion': left_for_other_reasons,
        'not_over': 'is_end_too_early',
        'numerator': 'attended_count >= '
            ~ threshold('measure_dose_sessions'),
        'value': 'attended_count',
    },
] -%}

with

episodes as (

    select * from {{ ref('fct_episodes') }}

),

endings as (

    select * from {{ ref('int_episodes_ended') }}

),

modalities as (

    select * from {{ ref('modalities') }}

),

second_sessions as (

    select * from {{ ref('fct_sessions') }}
    where session_number = 2

),

data_ends as (

    select * from {{ ref('int_sources_observed') }}

),

dated as (

    select
        episodes.episode_id as unit_id,
        episodes.patient_id,
        episodes.episode_id,
        episodes.first_clinician_id as clinician_id,
        episodes.site_id,
        episodes.modality,
        episodes.format,
        episodes.source,
        episodes.end_kind,
        episodes.attended_treatment_sessions_count as attended_count,
        episodes.wait_to_first_days,
        episodes.is_finished,
        endings.is_silent,
        episodes.ended_before_treatment,
        episodes.is_dropped_out,
        episodes.is_left_before_improvement,
        episodes.index_on,
        data_ends.data_to,
        -- day 0 is the first one
        second_sessions.days_since_start as first_to_second_days,
        case
            when episodes.referred_on is null then 'no_referral_day'
            when episodes.wait_to_first_days is null
                then 'referred_after_first_session'
        end as wait_to_first_excluded_for,
        -- what an end decides counts on the day of the end
        coalesce(
            episodes.ended_on, endings.last_on, episodes.index_on
        ) as anchored_on
    from episodes

    inner join endings
        on episodes.episode_id = endings.episode_id

    left join modalities
        on episodes.modality = modalities.modality

    left join second_sessions
        on episodes.episode_id = second_sessions.episode_id

    left join data_ends
        on episodes.source = data_ends.source

    where coalesce(modalities.is_therapy, true)

),

courses as (

    -- null, and so never too early, where the end of the data is not known
    select
        *,
        {{ days_between('index_on', 'data_to') }}
        < {{ threshold('measure_wait_to_second_days') }} as is_second_too_early,
        {{ days_between('anchored_on', 'data_to') }}
        < {{ threshold('episode_gap_days') }} as is_end_too_early,
        {{ days_between('anchored_on', 'data_to') }}
        < {{ threshold('dropout_silent_days') }} as is_silence_too_early
    from dated

),

judged as (

    {{ judged_units('courses', measures) }}

)

select * from judged
