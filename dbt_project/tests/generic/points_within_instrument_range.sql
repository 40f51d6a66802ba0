{# Every score lies in the range that seeds/instruments.csv gives. #}
{% test points_within_instrument_range(model, column_name) %}

    select 1 as failing_row
    from {{ model }} as scores
    left join {{ ref('instruments') }} as instruments
        on scores.instrument = instruments.instrument
    where
        scores.{{ column_name }} is not null
        and not coalesce(
            scores.{{ column_name }}
            between instruments.min_points and instruments.max_points,
            false
        )

{% endtest %}
