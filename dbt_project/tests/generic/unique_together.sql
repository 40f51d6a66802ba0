{# One row per combination of these columns. #}
{% test unique_together(model, columns) %}

{{ config(fail_calc='coalesce(sum(rows_sharing_a_key), 0)') }}

    select count(*) as rows_sharing_a_key
    from {{ model }}
    group by {{ columns | join(', ') }}
    having count(*) > 1

{% endtest %}
