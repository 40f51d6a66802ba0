{#
    Unbroken runs of covered days: rows of one key whose days touch or overlap
    become one. Expects medication_id, first_day and last_day, and a last day in
    every row.
#}
{% macro merged_runs(rows, keys) -%}

    select
        {{ keys | join(', ') }},
        min(first_day) as first_day,
        max(last_day) as last_day
    from (
        select
            *,
            sum(starts_a_run) over (
                partition by {{ keys | join(', ') }}
                order by
                    first_day,
                    medication_id
                rows between unbounded preceding and current row
            ) as run_number
        from (
            select
                *,
                case
                    when
                        first_day <= 1 + max(last_day) over (
                            partition by {{ keys | join(', ') }}
                            order by
                                first_day,
                                medication_id
                            rows between unbounded preceding and 1 preceding
                        )
                        then 0
                    else 1
                end as starts_a_run
            from {{ rows }}
        ) as marked
    ) as numbered
    group by
        {{ keys | join(', ') }},
        run_number

{%- endmacro %}
