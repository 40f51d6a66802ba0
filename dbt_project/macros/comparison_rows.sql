{# The rows of one comparison, in the columns that every cmp_ mart has. #}
{% macro comparison_rows(comparison_id) -%}

    select
        ---------- ids
        comparison_id,
        episode_id,
        patient_id,
        cluster_id,

        ---------- strings
        source,
        arm,
        instrument,

        ---------- numerics
        baseline_points,
        follow_up_month,
        points,

        ---------- booleans
        is_exposed,
        is_randomised,
        is_on_medication_at_start,
        is_current_episode_over_6_months,
        is_response_eligible,
        is_response,
        is_remission

    from {{ ref('int_comparisons_scored') }}
    where comparison_id = '{{ comparison_id }}'

{%- endmacro %}
