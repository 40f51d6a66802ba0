{#
    The rows of some measures over the same units: one per measure and unit that
    is eligible, said to be excluded (and why), in the denominator, or in the
    numerator as well. What is not eligible has no row.

    Each measure gives its conditions on a row of `units`, which has unit_id,
    patient_id, episode_id, clinician_id, site_id, modality, format, source and
    anchored_on (or the anchor it names). An exclusion is the reason, or null; a
    numerator that is null is not reached. Where `not_over` is true the unit is
    excluded as `window_not_over`, unless there is another reason. What is
    excluded has no measured value.
#}
{% macro judged_units(units, measures) -%}

    {%- for measure in measures -%}
        {%- set reason = measure.exclusion or 'cast(null as varchar)' -%}
        {%- set exclusion = reason if not measure.not_over else
            "coalesce(" ~ reason ~ ", case when " ~ measure.not_over
            ~ " then 'window_not_over' end)" -%}
        select
            ---------- ids
            '{{ measure.id }}' as measure_id,
            unit_id,
            patient_id,
            episode_id,
            clinician_id,
            site_id,

            ---------- strings
            source,
            modality,
            format,
            {{ exclusion }} as exclusion_reason,

            ---------- numerics
            cast(
                case
                    when ({{ exclusion }}) is null
                        then {{ measure.value or 'null' }}
                end as double
            ) as measured_value,

            ---------- booleans
            ({{ exclusion }}) is not null as is_excluded,
            ({{ exclusion }}) is null as is_in_denominator,
            (
                ({{ exclusion }}) is null
                and coalesce({{ measure.numerator }}, false)
            ) as is_in_numerator,

            ---------- dates
            {{ measure.anchor or 'anchored_on' }} as anchored_on

        from {{ units }}
        where {{ measure.eligible }}
        {{ "union all " if not loop.last }}
    {%- endfor %}

{%- endmacro %}
