{#
    One row per measure and quintile of deprivation. Exact counts: this table is never released.
#}

{{ measures_by('deprivation_quintile') }}
