-- One row per short course that remitted at a site that scores people every month
-- after discharge: days followed, and whether the person fell ill again. Elsewhere
-- people are scored when they come back because they are ill, which tells no rate.
with

monitored_sites as (

    select episodes.site_id
    from marts.fct_assessments as assessments

    inner join marts.fct_episodes as episodes
        on assessments.episode_id = episodes.episode_id

    where assessments.instrument = 'phq9'
    group by episodes.site_id
    having
        count(case
            when assessments.collection_reason = 'scheduled_follow_up' then 1
        end)
        > 1.5 * count(distinct assessments.episode_id)

)

select
    relapses.status = 'relapsed' as is_relapsed,
    date_diff(
        'day',
        relapses.remitted_on,
        coalesce(relapses.relapsed_on, relapses.censored_on, relapses.last_below_on)
    ) as followed_days

from marts.fct_relapses as relapses

inner join marts.fct_episodes as episodes
    on relapses.episode_id = episodes.episode_id

inner join monitored_sites
    on episodes.site_id = monitored_sites.site_id

where episodes.length_class = 'short_term'
