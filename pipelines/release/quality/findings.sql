-- Temporary table `findings`: one row per output and finding that takes from it, worst
-- first by grade (2 red, 1 amber). A share is told only where both its counts may be.
create or replace temp table findings as
with

tainted as (

    -- a row that breaks a row rule is set aside and counted: some are to be expected
    select distinct
        catalogue.stage,
        regexp_replace(catalogue.table_name, '^.*\.', '') as table_name,
        catalogue.check_id,
        case
            when row_rules.check_id is null then catalogue.tolerated_share
            else greatest(catalogue.tolerated_share, limits.amber_refused)
        end as tolerated_share,
        unnest(string_split(catalogue.taints, ', ')) as output_id
    from quality.check_catalogue as catalogue
    cross join limits
    left join row_rules
        on
            catalogue.stage = 'landing'
            and catalogue.table_name = row_rules.feed
            and catalogue.check_id = row_rules.check_id
    where catalogue.taints <> ''

),

newest as (

    select load_id
    from quality.loads
    qualify row_number() over (
        partition by source
        order by extracted_at desc, accepted_at desc, load_id desc
    ) = 1

),

results as (

    -- a change counts until the next delivery; what it moved to is then the usual
    select
        results.stage,
        regexp_replace(results.table_name, '^.*\.', '') as table_name,
        results.check_id,
        results.tested_count,
        results.failed_count,
        results.status,
        results.severity,
        results.source,
        results.load_id in (select newest.load_id from newest) as is_newest,
        drift_checks.check_id is not null as is_drift
    from quality.check_results as results
    left join drift_checks
        on
            results.table_name = drift_checks.table_name
            and results.check_id = drift_checks.check_id
    where
        drift_checks.check_id is null
        or results.load_id in (select newest.load_id from newest)

),

-- each source by itself, and its newest delivery: many sound rows of another hide nothing
parts as (

    select *, false as is_of_newest from results
    union all
    select *, true as is_of_newest from results
    where is_newest and tested_count >= (select fewest_of_newest from limits)

),

summed as (

    select
        stage,
        table_name,
        check_id,
        is_drift,
        source,
        is_of_newest,
        max(
            case
                when status = 'error' then 2
                when status = 'fail' and severity = 'critical' then 2
                when status = 'fail' then 1
                else 0
            end
        ) as worst,
        sum(tested_count) as tested_count,
        sum(failed_count) as failed_count,
        bool_or(status = 'fail' and failed_count is null) as is_uncounted
    from parts
    group by all

),

graded as (

    select
        tainted.output_id,
        summed.stage,
        summed.source,
        summed.is_of_newest,
        summed.table_name,
        summed.check_id,
        summed.is_drift,
        summed.worst,
        summed.tested_count,
        summed.failed_count,
        tainted.tolerated_share,
        summed.failed_count / nullif(summed.tested_count, 0) as failed_share,
        case
            when summed.worst = 0 then 0
            when summed.worst = 2 then 2
            when summed.is_drift or summed.is_uncounted then 1
            -- of one delivery, not of rows: a share of it says nothing
            when summed.check_id = 'delivery_is_newer_than_those_loaded' then 1
            when
                failed_share > greatest(
                    limits.red_share,
                    limits.red_of_tolerated * tainted.tolerated_share
                )
                then 2
            when failed_share > tainted.tolerated_share then 1
            -- nothing was tested that could be counted
            when failed_share is null then 1
            else 0
        end as grade,
        limits.minimum,
        limits.base
    from summed
    inner join tainted using (stage, table_name, check_id)
    cross join limits

),

-- of a check that the catalogue does not list nobody knows what rests on it
unlisted as (

    select
        outputs.output_id,
        summed.table_name,
        summed.check_id
    from summed
    cross join outputs
    where summed.worst > 0
        and not exists (
            select 1
            from quality.check_catalogue as catalogue
            where
                catalogue.stage = summed.stage
                and regexp_replace(catalogue.table_name, '^.*\.', '')
                = summed.table_name
                and catalogue.check_id = summed.check_id
        )

),

shown as (

    select
        *,
        not (
            failed_count between 1 and minimum - 1
            or tested_count - failed_count between 1 and minimum - 1
        ) as is_shown,
        round(failed_count / base) * base
        / nullif(round(tested_count / base) * base, 0) as shown_share,
        replace(check_id, '_', ' ') as check_name,
        table_name || case
            when source is null then ''
            when is_of_newest
                then ' of the newest delivery of ' || label_of(source)
            else ' of ' || label_of(source)
        end as place_name
    from graded
    where grade > 0
    -- a check is told once, where it is worst
    qualify row_number() over (
        partition by output_id, stage, table_name, check_id
        order by grade desc, failed_share desc nulls last, is_of_newest, source
    ) = 1

),

of_checks as (

    select
        output_id,
        grade,
        1 as place,
        table_name || '.' || check_id as check_reference,
        failed_share,
        case
            when is_drift
                then 'Against earlier deliveries, in ' || place_name
                || ', it does not hold that ' || check_name || '.'
            when worst = 2
                then 'In ' || place_name || ', it does not hold that '
                || check_name || ', and it must.'
            when is_shown and shown_share > 0
                then printf('%.1f', 100 * shown_share) || ' % in '
                || place_name || ' fail: ' || check_name || case
                    when tolerated_share > 0
                        then '; ' || printf('%.1f', 100 * tolerated_share)
                            || ' % is tolerated'
                    else ''
                end || '.'
            else 'In ' || place_name || ', some fail: ' || check_name || '.'
        end as reason
    from shown

),

of_unlisted_checks as (

    select distinct
        output_id,
        1 as grade,
        1 as place,
        table_name || '.' || check_id as check_reference,
        null::double as failed_share,
        'In ' || table_name || ', it does not hold that '
        || replace(check_id, '_', ' ')
        || '; what rests on it is not known.' as reason
    from unlisted

),

refused_parts as (

    select source, feed, false as is_of_newest, quarantined_count, yielded_count
    from quality.reconciliation
    union all
    select source, feed, true as is_of_newest, quarantined_count, yielded_count
    from quality.reconciliation
    where
        load_id in (select newest.load_id from newest)
        and yielded_count >= (select fewest_of_newest from limits)

),

refused as (

    select
        output_feeds.output_id,
        refused_parts.feed,
        'the rows of ' || refused_parts.feed || ' of '
        || if(refused_parts.is_of_newest, 'the newest delivery of ', '')
        || label_of(refused_parts.source) as place_name,
        sum(refused_parts.quarantined_count) as refused_count,
        sum(refused_parts.yielded_count) as rows_count
    from refused_parts
    inner join (
        select distinct output_id, feed from output_feeds
    ) as output_feeds using (feed)
    group by
        output_feeds.output_id,
        refused_parts.feed,
        refused_parts.source,
        refused_parts.is_of_newest
    -- a feed is told once, where it is worst
    qualify row_number() over (
        partition by output_feeds.output_id, refused_parts.feed
        order by
            refused_count / nullif(rows_count, 0) desc nulls last,
            refused_parts.is_of_newest,
            refused_parts.source
    ) = 1

),

of_refused_rows as (

    select
        refused.output_id,
        case
            when refused_count / rows_count > limits.red_refused then 2 else 1
        end as grade,
        2 as place,
        null as check_reference,
        refused_count / rows_count as failed_share,
        case
            when
                refused_count < limits.minimum
                or rows_count - refused_count < limits.minimum
                then 'Some of ' || place_name || ' were refused.'
            else printf(
                '%.1f',
                100 * (round(refused_count / limits.base) * limits.base)
                / (round(rows_count / limits.base) * limits.base)
            ) || ' % of ' || place_name || ' were refused.'
        end as reason
    from refused
    cross join limits
    where
        refused.rows_count > 0
        and refused.refused_count / refused.rows_count > limits.amber_refused

),

of_late_sources as (

    select distinct
        output_feeds.output_id,
        1 as grade,
        3 as place,
        null as check_reference,
        null::double as failed_share,
        'The source ' || label_of(freshness.source) || ' is late.' as reason
    from quality.freshness as freshness
    inner join quality.reconciliation as reconciliation using (source)
    inner join output_feeds using (feed)
    where freshness.is_late and reconciliation.is_supplied

)

select * from of_checks
union all
select * from of_unlisted_checks
union all
select * from of_refused_rows
union all
select * from of_late_sources
