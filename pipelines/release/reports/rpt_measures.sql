-- One row per service measure: what it counts, and whether any source has what it
-- needs.
select
    measures.measure_id,
    measures.version,
    measures.name,
    measures.definition,
    measures.measure_window,
    measures.unit,
    measures.source,
    measures.licence_note,
    measures.known_bias,
    measures.value_unit,
    measures.completeness_measure_id,
    measures.amber_below_share,
    measures.suppressed_below_share,
    case
        when coalesce(bool_or(units.is_in_denominator), false) then 'measured'
        else 'not_measured'
    end as status

from seeds.measures as measures

left join aggregates.int_measures_counted as units using (measure_id)

group by all
