{# Each group has one value of a column, among the rows of a condition. #}
{% test one_value_within(model, column_name, group, among='true') %}

    select
        {{ group }},
        count(distinct {{ column_name }}) as values_count
    from {{ model }}
    where {{ among }}
    group by {{ group }}
    having count(distinct {{ column_name }}) > 1

{% endtest %}
