-- Blanks, codes and zero answers: one row per share that is compared, of a full delivery
-- of all its rows and of its newest. Earlier loads are pooled. Beyond chance: by the counts, rows of one person taken as one, and by
-- how much the share varied between the earlier loads.
with

pooled as (

    select
        profiles.feed,
        profiles.measure,
        profiles.grain,
        profiles.part,
        sum(profiles.counted) as counted,
        sum(profiles.tested) as tested,
        count(*) as loads_count,
        coalesce(
            stddev_samp(profiles.counted / nullif(profiles.tested, 0)), 0
        ) as spread
    from raw.load_profiles as profiles
    inner join earlier using (load_id)
    cross join this
    where
        (
            earlier.number <= this.recent_loads
            and profiles.measure in (
                'blank', 'code', 'zero_answer', 'known_people'
            )
        )
        or (
            earlier.number <= this.usual_loads
            and profiles.measure in (
                'newest_blank', 'newest_code', 'newest_zero_answer'
            )
        )
    group by all

),

repeated as (

    -- rows per person
    select
        feed,
        starts_with(measure, 'newest_') as is_newest,
        grain as instrument,
        tested / nullif(counted, 0) as rows_per_person
    from profile
    where measure in ('people', 'newest_people')

),

compared as (

    select
        profile.feed,
        profile.measure,
        profile.grain,
        profile.part,
        profile.counted,
        profile.tested,
        pooled.counted as counted_before,
        pooled.tested as tested_before,
        profile.counted / profile.tested as share,
        pooled.counted / pooled.tested as share_before,
        (profile.counted + pooled.counted)
        / (profile.tested + pooled.tested) as share_of_both,
        1 / profile.tested + 1 / pooled.tested as per_row,
        pooled.spread * sqrt(1 + 1 / pooled.loads_count) as spread,
        coalesce(
            (
                select max(repeated.rows_per_person) from repeated
                where
                    repeated.feed = profile.feed
                    and repeated.is_newest
                    = starts_with(profile.measure, 'newest_')
                    and repeated.instrument
                    in ('', profile.part, split_part(profile.grain, '.', 1))
            ),
            1
        ) as rows_per_person,
        this.*
    from profile
    inner join pooled using (feed, measure, grain, part)
    cross join this
    where
        profile.tested >= this.minimum_rows
        and pooled.tested >= this.minimum_rows
        and pooled.loads_count >= case
            when starts_with(profile.measure, 'newest_')
                then this.usual_least_loads
            else this.least_loads
        end

),

limited as (

    select
        *,
        greatest(
            maximum_share_difference,
            standard_errors * greatest(
                spread,
                sqrt(
                    share_of_both * (1 - share_of_both)
                    * per_row * rows_per_person
                )
            )
        ) as limit_value
    from compared

)

select
    feed,
    case replace(measure, 'newest_', '')
        when 'blank' then 'null_shares_are_as_before'
        when 'code' then 'code_shares_are_as_before'
        when 'zero_answer' then 'zero_answers_are_as_before'
        else 'patients_are_known_as_before'
    end as check_id,
    measure || '_share' as measure,
    case when part = '' then grain else grain || '=' || part end as grain,
    share_before as earlier_value,
    share as value,
    limit_value,
    abs(share - share_before) > limit_value as is_beyond,
    least(
        nullif(counted, 0),
        nullif(tested - counted, 0),
        nullif(counted_before, 0),
        nullif(tested_before - counted_before, 0)
    ) as least_count

from limited
