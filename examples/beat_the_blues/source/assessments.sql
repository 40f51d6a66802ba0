-- Beck Depression Inventory II before treatment and at up to four follow-ups.
-- The columns carry the labels of the book's first edition (2, 4, 6, 8 months).
-- Its third edition corrects them to 2, 3, 5 and 8 months; the days below are
-- those months of 30.4375 days, which is when each follow-up was due: the trial
-- did not publish the days themselves. A blank is a score that was not observed.
with

due as (

    select * from (
        values
        ('bdi.pre', 0, null),
        ('bdi.2m', 61, 'scheduled_follow_up'),
        ('bdi.4m', 91, 'scheduled_follow_up'),
        ('bdi.6m', 152, 'scheduled_follow_up'),
        ('bdi.8m', 244, 'scheduled_follow_up')
    ) as due (label, completed_day, collection_reason)

),

scores as (

    unpivot (select * from delivery_csv('BtheB.csv'))
    on "bdi.pre", "bdi.2m", "bdi.4m", "bdi.6m", "bdi.8m"
    into name label value total_points

)

select
    scores.rownames || ':' || due.completed_day as assessment_id,
    scores.rownames as patient_id,
    scores.rownames as episode_id,
    'bdi_ii' as instrument,
    due.completed_day,
    due.collection_reason,
    scores.total_points

from scores

inner join due
    on scores.label = due.label

where nullif(scores.total_points, '') is not null
