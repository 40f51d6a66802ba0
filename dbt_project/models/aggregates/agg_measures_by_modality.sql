{#
    One row per measure and kind of therapy. Exact counts: this table is never released.
#}

{{ measures_by('modality') }}
