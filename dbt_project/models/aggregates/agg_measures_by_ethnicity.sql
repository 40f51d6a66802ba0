{#
    One row per measure and ethnic group. Exact counts: this table is never released.
#}

{{ measures_by('ethnicity') }}
