{#
    At least this share (0-1) of the rows that meet a condition has a value. An
    empty table passes: there is nothing to be missing.
#}
{% test share_filled_at_least(model, column_name, share, among='true') %}

{{ config(fail_calc='coalesce(sum(rows_without_a_value), 0)') }}

    select count(*) - count({{ column_name }}) as rows_without_a_value
    from {{ model }}
    where {{ among }}
    having count({{ column_name }}) < {{ share }} * count(*)

{% endtest %}
