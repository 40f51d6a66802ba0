{#
    One row per measure and age band. Exact counts: this table is never released.
#}

{{ measures_by('age_band') }}
