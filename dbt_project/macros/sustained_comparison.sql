{#
    A comparison of how long people stay: every eligible episode, or those still
    in therapy in a week, with when the person stopped and when they remitted.
#}
{% macro sustained_comparison(comparison_id, in_therapy_at=none) -%}

with

units as (

    select * from {{ ref('int_units_measured') }}
    where not is_trial_month

),

stops as (

    select * from {{ ref('int_episodes_stopped') }}

),

remissions as (

    select * from {{ ref('int_episodes_remitted_in_therapy') }}

),

final as (

    select
        {{ service_comparison_columns(comparison_id) }},
        stops.has_reentered,
        stops.is_stop_censored,

        ---------- weeks from day 0
        stops.stop_week,
        remissions.remitted_week

    from units

    inner join stops
        on units.episode_id = stops.episode_id

    left join remissions
        on units.episode_id = remissions.episode_id

    {% if in_therapy_at %}
        where stops.stop_week >= {{ threshold(in_therapy_at) }}
    {% endif %}

)

select * from final

{%- endmacro %}
