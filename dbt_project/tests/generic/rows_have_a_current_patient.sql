{#
    One row per row of a feed whose patient was retired, or is no longer sent.
    Staging leaves such rows out; this says how many they are.
#}
{% test rows_have_a_current_patient(model, feeds) %}

    select left_out.feed
    from (
        {% for feed, key in feeds.items() %}
            select '{{ feed }}' as feed
            from ({{ current_rows(feed, key) }}) as rows_of_feed
            where
                rows_of_feed.patient_id not in (
                    select patients.patient_id from {{ model }} as patients
                )
            {% if not loop.last %}union all{% endif %}
        {% endfor %}
    ) as left_out

{% endtest %}
