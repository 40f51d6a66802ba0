{# One number from seeds/thresholds.csv, which names its source. #}
{% macro threshold(name) -%}
    (
        select thresholds.amount
        from {{ ref('thresholds') }} as thresholds
        where thresholds.threshold = '{{ name }}'
    )
{%- endmacro %}
