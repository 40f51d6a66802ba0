{#
    One row per measure and calendar month. Exact counts: this table is never released.
#}

{{ measures_by('period_month') }}
