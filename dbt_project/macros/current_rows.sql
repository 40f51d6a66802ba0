{#
    The rows of a feed that count as of this run: of its current loads, the
    newest row of each source and key, unless that row retires the key.

    A current load is the newest full one and any increment after it
    (stg_load_feeds). Loads extracted at the same instant are told apart by
    load_id, so a rebuild takes the same row.
#}
{% macro current_rows(feed, key) -%}

    select ranked.*
    from (
        select
            {{ feed }}.*,
            row_number() over (
                partition by {{ feed }}.source, {{ feed }}.{{ key }}
                order by
                    stg_load_feeds.extracted_at desc,
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

{%- endmacro %}
