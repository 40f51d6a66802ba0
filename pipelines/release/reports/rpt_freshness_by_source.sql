-- One row per source: when it sent last, what that covers, when more is due.
select
    source,
    owner,
    contact,
    kind,
    newest_delivery_on,
    data_to,
    expected_every_days,
    next_due_on,
    is_late

from quality.freshness
