{#
    What must hold in every row. An expression that is null in a row fails there,
    so that nothing passes for want of a value.
#}
{% test expression_is_true(model, expression) %}

    select 1 as failing_row
    from {{ model }}
    where not coalesce(({{ expression }}), false)

{% endtest %}
