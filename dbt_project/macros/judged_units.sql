{#
    The rows of some measures over the same units: one per measure and unit that
    is eligible, said to be excluded (and why), in the denominator, or in the
    numerator as well. What is not eligible has no row.

    Each measure gives its conditions on a row of `units`, which has unit_id,
    patient_id, episode_id, source and anchored_on (or the anchor it names). An
    exclusion is the reason, or null; a numerator that is null is not reached.
#}
{% macro judged_units(units, measures) -%}

    {%- for measure in measures -%}
        select
            ---------- ids
            '{{ measure.id }}' as measure_id,
            unit_id,
            patient_id,
            episode_id,

            ---------- strings
            source,
            {{ measure.exclusion or 'cast(null as varchar)' }} as exclusion_reason,

            ---------- numerics
            cast({{ measure.value or 'null' }} as double) as measured_value,

            ---------- booleans
            ({{ measure.exclusion or 'null' }}) is not null as is_excluded,
            ({{ measure.exclusion or 'null' }}) is null as is_in_denominator,
            (
                ({{ measure.exclusion or 'null' }}) is null
                and coalesce({{ measure.numerator }}, false)
            ) as is_in_numerator,

            ---------- dates
            {{ measure.anchor or 'anchored_on' }} as anchored_on

        from {{ units }}
        where {{ measure.eligible }}
        {{ "union all " if not loop.last }}
    {%- endfor %}

{%- endmacro %}
