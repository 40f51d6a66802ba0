{#
    At least this share (0-1) of the rows has a value, of those that meet
    `among` and whose key (`by`) is that of a row of another model (`of`) that
    meets `which`. No such row passes: there is nothing to be missing.
#}
{% test share_filled_in(model, column_name, share, among, of, by, which) %}

{{ config(fail_calc='coalesce(sum(rows_without_a_value), 0)') }}

    select count(*) - count({{ column_name }}) as rows_without_a_value
    from {{ model }}
    where
        {{ among }}
        and {{ by }} in (select {{ by }} from {{ of }} where {{ which }})
    having count({{ column_name }}) < {{ share }} * count(*)

{% endtest %}
