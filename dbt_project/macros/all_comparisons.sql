{# Every comparison mart, one below the other. #}
{% macro all_comparisons() -%}

    {%- for model in [
        ref('cmp_therapy_vs_usual_care'),
        ref('cmp_trial_therapy_plus_medication_vs_therapy'),
        ref('cmp_trial_therapy_plus_medication_vs_medication'),
    ] %}
    select * from {{ model }}
    {% if not loop.last %}union all{% endif %}
    {%- endfor %}

{%- endmacro %}
