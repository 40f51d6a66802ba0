{#
    The rows of a feed that count as of this run: of its current loads, the
    newest row of each source and key, unless that row retires the key.

    A current load is the newest full one and any increment after it
    (stg_load_feeds). Of two loads extracted at the same instant the one that was
    accepted later counts, then load_id decides, so a rebuild takes the same row.

    Rows of a patient whom the sources have retired, or no longer send, are left
    out: `patients` says whose rows may be used.
#}
{% macro current_rows(feed, key, of_patients=false) -%}

    select ranked.*
    from (
        select
            {{ feed }}.*,
            row_number() over (
                partition by {{ feed }}.source, {{ feed }}.{{ key }}
                order by
                    stg_load_feeds.extracted_at desc,
                    stg_load_feeds.accepted_at desc,
                    stg_load_feeds.load_id desc
            ) as newest_first
        from {{ source('raw', feed) }} as {{ feed }}
        inner join {{ ref('stg_load_feeds') }} as stg_load_feeds
            on
                {{ feed }}.load_id = stg_load_feeds.load_id
                and stg_load_feeds.feed = '{{ feed }}'
                and stg_load_feeds.is_current
    ) as ranked
    where
        ranked.newest_first = 1
        and not coalesce(ranked.is_deleted, false)
        {% if of_patients %}
            and ranked.patient_id in (
                select stg_patients.patient_id
                from {{ ref('stg_patients') }} as stg_patients
            )
        {% endif %}

{%- endmacro %}
