{#
    One row per measure and format. Exact counts: this table is never released.
#}

{{ measures_by('format') }}
