{#
    The parts of each group, with what is left beside them, make up its whole. The
    rest and the whole are the same in every row of a group.
#}
{% test parts_add_up(model, group, part, rest, whole) %}

    select {{ group }}
    from {{ model }}
    group by {{ group }}
    having
        count(distinct {{ whole }}) <> 1
        or sum({{ part }}) + max({{ rest }}) <> max({{ whole }})

{% endtest %}
