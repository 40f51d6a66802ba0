{#
    One row per eligible episode, with when the person stopped: the population of
    long_vs_short_term, for the strategy that stays for a year whatever happens.
#}

{{ sustained_comparison('long_vs_short_term_fixed_52_weeks') }}
