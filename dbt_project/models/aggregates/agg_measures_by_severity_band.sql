{#
    One row per measure and severity at the start. Exact counts: this table is never released.
#}

{{ measures_by('severity_band') }}
