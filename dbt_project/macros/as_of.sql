{# The instant whose accepted loads a run reads, as a timestamp in UTC. #}
{% macro as_of() -%}
    cast('{{ var("as_of") }}' as timestamp)
{%- endmacro %}
