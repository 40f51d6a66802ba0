-- One row per refused delivery and reason. A folder may have any name: one that is not
-- a date is not repeated. Where counts are hidden, # stands for every figure.
with

named as (

    select
        *,
        case
            when regexp_full_match(delivery, '[0-9][0-9TZ:._-]{3,31}')
                then delivery
            else 'not named after a day'
        end as shown_delivery,
        replace(reason, source || '/' || delivery, 'this one') as shown_reason
    from quality.refusals

)

select
    source,
    shown_delivery as delivery,
    refused_at,
    kind,
    shown_reason as reason,
    regexp_replace(shown_reason, '[0-9]+([.,][0-9]+)*', '#', 'g')
        as reason_without_counts,
    tries_count

from named
