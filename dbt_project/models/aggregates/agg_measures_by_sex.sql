{#
    One row per measure and recorded sex. Exact counts: this table is never released.
#}

{{ measures_by('sex') }}
