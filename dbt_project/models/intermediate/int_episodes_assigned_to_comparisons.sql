{#
    One row per trial comparison and episode in it, with its arm: the one that
    was allocated, whatever happened afterwards. A service where nobody was
    allocated has no row here; its comparisons are other marts.
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

allocated as (

    select * from {{ ref('int_episodes_allocated_at_random') }}

),

classified as (

    select
        episodes.*,
        medication_groups.is_on_medication_at_start,
        modalities.is_therapy
    from episodes

    inner join medication_groups
        on episodes.episode_id = medication_groups.episode_id

    inner join allocated
        on episodes.episode_id = allocated.episode_id

    inner join modalities
        on allocated.allocated_arm = modalities.modality

),

described_trials as (

    -- a trial of two therapies has no usual care to compare with
    select
        *,
        bool_or(not is_therapy) over (partition by source)
            as is_trial_against_usual_care
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
    where is_trial_against_usual_care

),

trial_therapy_plus_medication_vs_medication as (

    -- therapy was allocated among people who were already on medication
    select
        *,
        'trial_therapy_plus_medication_vs_medication' as comparison_id,
        case
            when is_therapy then 'therapy_plus_medication'
            else 'medication'
        end as arm,
        is_therapy as is_exposed,
        true as is_randomised_contrast
    from described_trials
    where
        is_trial_against_usual_care
        and is_on_medication_at_start

),

trial_therapy_plus_medication_vs_therapy as (

    -- nobody allocated the medication: description only
    select
        *,
        'trial_therapy_plus_medication_vs_therapy' as comparison_id,
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
    select * from trial_therapy_plus_medication_vs_medication
    union all
    select * from trial_therapy_plus_medication_vs_therapy

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
