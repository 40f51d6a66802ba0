{#
    One row per comparison and episode in it, with its arm. A trial's arm is the
    one it was allocated, whatever happened afterwards.
#}

with

episodes as (

    select * from {{ ref('int_episodes_eligible_for_comparison') }}

),

medication_groups as (

    select * from {{ ref('int_episodes_grouped_by_medication') }}

),

modalities as (

    select * from {{ ref('modalities') }}

),

classified as (

    select
        episodes.*,
        medication_groups.is_on_medication_at_start,
        modalities.is_therapy,
        coalesce(episodes.is_randomised, false)
        and episodes.allocated_arm is not null as is_allocated_at_random
    from episodes

    inner join medication_groups
        on episodes.episode_id = medication_groups.episode_id

    inner join modalities
        on
            coalesce(episodes.allocated_arm, episodes.modality)
            = modalities.modality

),

described_trials as (

    -- a trial of two therapies has no usual care to compare with
    select
        *,
        max(
            case
                when is_allocated_at_random and not is_therapy then 1
                else 0
            end
        ) over (partition by source) = 1 as is_trial_against_usual_care
    from classified

),

therapy_vs_usual_care as (

    select
        *,
        'therapy_vs_usual_care' as comparison_id,
        case when is_therapy then 'therapy' else 'usual_care' end as arm,
        is_therapy as is_exposed,
        true as is_randomised_contrast
    from described_trials
    where
        is_allocated_at_random
        and is_trial_against_usual_care

),

therapy_plus_medication_vs_medication as (

    -- therapy was allocated among people who were already on medication
    select
        *,
        'therapy_plus_medication_vs_medication' as comparison_id,
        case
            when is_therapy then 'therapy_plus_medication'
            else 'medication'
        end as arm,
        is_therapy as is_exposed,
        true as is_randomised_contrast
    from described_trials
    where
        is_allocated_at_random
        and is_trial_against_usual_care
        and is_on_medication_at_start

),

therapy_plus_medication_vs_therapy as (

    -- nobody allocated the medication: description only
    select
        *,
        'therapy_plus_medication_vs_therapy' as comparison_id,
        case
            when is_on_medication_at_start then 'therapy_plus_medication'
            else 'therapy'
        end as arm,
        is_on_medication_at_start as is_exposed,
        false as is_randomised_contrast
    from described_trials
    where
        is_therapy
        and is_on_medication_at_start is not null

),

assigned as (

    select * from therapy_vs_usual_care
    union all
    select * from therapy_plus_medication_vs_medication
    union all
    select * from therapy_plus_medication_vs_therapy

),

final as (

    select
        ---------- ids
        comparison_id,
        episode_id,
        patient_id,
        coalesce(first_clinician_id, patient_id) as cluster_id,

        ---------- strings
        source,
        arm,

        ---------- booleans
        is_exposed,
        is_randomised_contrast as is_randomised,
        is_on_medication_at_start,
        is_current_episode_over_6_months

    from assigned

)

select * from final
