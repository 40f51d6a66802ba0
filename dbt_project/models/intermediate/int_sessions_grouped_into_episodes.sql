{# One row per session with its episode, by the gap of 120 days. #}

{{ sessions_grouped_into_episodes('episode_gap_days') }}
