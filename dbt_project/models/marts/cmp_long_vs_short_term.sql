{# One row per eligible episode, with when the person stopped and remitted. #}

{{ sustained_comparison('long_vs_short_term') }}
