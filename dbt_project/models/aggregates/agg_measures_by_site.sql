{#
    One row per measure and site. Exact counts: this table is never released.
#}

{{ measures_by('site_id') }}
