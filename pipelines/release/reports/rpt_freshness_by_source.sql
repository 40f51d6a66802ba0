-- One row per source: when it sent last, what counts of it, when more is due.
select
    source,
    owner,
    contact,
    kind,
    is_in_force,
    last_sent_on,
    newest_delivery_on,
    data_to,
    expected_every_days,
    next_due_on,
    is_late

from quality.freshness
