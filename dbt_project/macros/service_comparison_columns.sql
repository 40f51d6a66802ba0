{#
    The columns that every comparison of a service's own records has. Expects
    `units`, rows of int_units_measured. Where people choose as they go along,
    nobody has an arm on day 0.
#}
{% macro service_comparison_columns(
    comparison_id,
    arm='cast(null as varchar)',
    is_exposed='cast(null as boolean)'
) -%}

        ---------- ids
        '{{ comparison_id }}' as comparison_id,
        units.unit_id,
        units.episode_id,
        units.patient_id,
        units.cluster_id,
        units.site_id,

        ---------- strings
        units.source,
        {{ arm }} as arm,
        units.modality,
        units.format,
        units.delivery_mode,
        units.intended_length,
        units.payer,

        ---------- numerics
        units.baseline_phq9_points,
        units.baseline_phq9_item_9_points,
        units.baseline_gad7_points,
        units.baseline_wsas_points,
        units.age_at_start_years,
        units.deprivation_quintile,
        units.current_episode_months,
        units.prior_episodes_count,
        units.adequate_trials_count,
        units.wait_to_first_days,
        units.start_year,
        units.phq9_points_6mo,
        units.phq9_points_12mo,
        units.phq9_points_24mo,
        units.gad7_points_12mo,
        units.wsas_points_12mo,
        units.wsas_points_24mo,
        units.swls_points_12mo,
        units.swls_points_24mo,
        units.last_phq9_points_before_6mo,
        units.last_phq9_points_before_12mo,
        units.last_phq9_points_before_24mo,
        units.last_phq9_age_days_before_6mo,
        units.last_phq9_age_days_before_12mo,
        units.last_phq9_age_days_before_24mo,
        units.recent_phq9_count_before_6mo,
        units.recent_phq9_count_before_12mo,
        units.recent_phq9_count_before_24mo,
        units.mean_phq9_points_before_6mo,
        units.mean_phq9_points_before_12mo,
        units.mean_phq9_points_before_24mo,
        units.sessions_12mo_count,

        ---------- booleans
        {{ is_exposed }} as is_exposed,
        false as is_randomised,
        units.is_chronic,
        units.is_treatment_resistant,
        units.is_severe,
        units.is_female,
        units.has_failed_prior_episode,
        units.is_on_medication_at_start,
        units.has_prior_medication,
        units.has_panic_disorder,
        units.is_due_6mo,
        units.is_due_12mo,
        units.is_due_24mo,
        units.is_phq9_response_6mo,
        units.is_phq9_response_12mo,
        units.is_phq9_response_24mo,
        units.is_phq9_remission_12mo,
        units.is_phq9_deterioration_12mo,
        units.is_phq9_item_9_12mo,
        units.is_phq9_not_well_24mo,
        units.is_injury_12mo,
        units.is_return_score_12mo,
        units.is_dropped_out

{%- endmacro %}
