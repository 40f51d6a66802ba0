{#
    One row per eligible episode in which the person was still in therapy at week
    26, with when they stopped and remitted.
#}

{{ sustained_comparison(
    'long_vs_short_term_from_week_26', 'length_decision_week'
) }}
