-- Made-up records of two services, in raw's own tables. Nothing here is a person.
-- Every draw is a hash of a row's number, so the same scale gives the same rows.
-- The variable `episodes` says how many recorded courses of care to make.

create or replace temp macro draw(n, what) as
    (hash(n, what) % 1000003) / 1000003.0;

create or replace temp macro pick(n, what, choices) as
    choices[1 + cast(floor(draw(n, what) * len(choices)) as integer)];

-- Nine patients in ten are the north's, which records courses of care. The
-- south sends sessions only, in two deliveries.
create temp table people as
select
    range as n,
    draw(range, 'service') < 0.1 as is_south,
    if(draw(range, 'service') < 0.1, 's:p', 'n:p') || range as patient_id,
    date '2019-06-01' + cast(draw(range, 'start') * 1500 as integer)
        as first_on,
    draw(range, 'severity') as severity
from range(cast(0.8 * getvariable('episodes') as bigint));

create temp table courses as
with drawn as (
    select
        range as c,
        if(
            range < (select count(*) from people),
            range,
            cast(hash(range) % (select count(*) from people) as bigint)
        ) as n,
        range >= (select count(*) from people) as is_return
    from range(getvariable('episodes'))
)

select
    drawn.c,
    people.n,
    people.patient_id,
    people.is_south,
    people.severity,
    if(people.is_south, 's:e', 'n:e') || drawn.c as episode_id,
    people.first_on
    + if(drawn.is_return, 150 + cast(draw(drawn.c, 'back') * 800 as integer), 0)
        as begun_on,
    -- one in twenty never comes, one in twelve stays for long
    case
        when draw(drawn.c, 'kind') < 0.05 then 0
        when draw(drawn.c, 'kind') < 0.13
            then cast(15 + 45 * draw(drawn.c, 'dose') as integer)
        else
            1 + cast(
                least(-4.3 * ln(1.00001 - draw(drawn.c, 'dose')), 40) as integer
            )
    end as planned_count,
    pick(drawn.c, 'modality', ['cbt', 'cbt', 'interpersonal', 'supportive'])
        as modality,
    'c' || cast(floor(draw(drawn.c, 'who') * (1 + getvariable('episodes') / 200))
        as bigint) as clinician,
    'x' || cast(floor(draw(drawn.c, 'where') * 40) as bigint) as site,
    draw(drawn.c, 'gain') as gain
from drawn
inner join people on drawn.n = people.n;

create temp table contacts as
select
    courses.*,
    place,
    place::bigint * getvariable('episodes') + c as s,
    -- one course in eight has a long gap after its fourth session
    begun_on + cast(
        7 * place + 3 * draw(c * 97 + place, 'late')
        + if(place >= 4 and draw(c, 'gap') < 0.125, 60 + 90 * draw(c, 'long'), 0)
        as integer
    ) as held_on,
    case
        when draw(c * 97 + place, 'attended') < 0.85 then 'attended'
        when draw(c * 97 + place, 'attended') < 0.92 then 'did_not_attend'
        when draw(c * 97 + place, 'attended') < 0.95
            then 'cancelled_late_by_patient'
        when draw(c * 97 + place, 'attended') < 0.98 then 'cancelled_by_patient'
        else 'cancelled_by_service'
    end as attendance
from (
    select *, unnest(range(planned_count))::integer as place from courses
) as courses
where begun_on + 7 * place < date '2025-12-20';

create temp table questionnaires as
with asked as (
    select s * 4 as q, c, s, place, held_on as completed_on, 'session' as reason,
        unnest(['phq9', 'gad7', 'wsas']) as instrument
    from contacts
    where attendance = 'attended'
    union all
    select c * 4 + 1, c, null, 0,
        begun_on - cast(1 + 40 * draw(c, 'referral') as integer), null,
        unnest(['phq9', 'gad7'])
    from courses
    union all
    select c * 4 + 2, c, null, planned_count,
        begun_on + cast(170 + 26 * draw(c, 'six') as integer),
        'scheduled_follow_up', 'phq9'
    from courses
    union all
    select c * 4 + 3, c, null, planned_count,
        begun_on + cast(352 + 26 * draw(c, 'twelve') as integer),
        if(draw(c, 'ill again') < 0.1, 'return', 'scheduled_follow_up'), 'phq9'
    from courses
),

kept as (
    select asked.*, courses.patient_id, courses.episode_id, courses.is_south,
        draw(q, instrument) as luck,
        -- worse at the start, better by the gain, with noise
        greatest(
            6 + 20 * courses.severity
            - courses.gain * least(asked.place, 12) * 1.6
            + 5 * draw(q, instrument || ' noise') - 2.5, 0
        ) / 27 as level
    from asked
    inner join courses on asked.c = courses.c
    where
        draw(q, instrument || ' asked') < case
            when reason in ('scheduled_follow_up', 'return') then 0.4
            when instrument = 'phq9' then 0.95
            when instrument = 'gad7' then 0.78
            else 0.2
        end
        and asked.completed_on < date '2026-01-01'
)

select
    *,
    least(round(level * case instrument
        when 'phq9' then 27 when 'gad7' then 21 else 40 end), case instrument
        when 'phq9' then 27 when 'gad7' then 21 else 40 end)::integer as points,
    case instrument when 'phq9' then 9 when 'gad7' then 7 else 5 end as items
from kept;

insert into loads by name
select
    unnest(['north_1', 'south_1', 'south_2']) as load_id,
    unnest(['north', 'south', 'south']) as source,
    unnest(['n', 's', 's']) as namespace,
    unnest(['full', 'increment', 'increment']) as kind,
    'calendar' as date_mode,
    'default' as disclosure_profile,
    unnest([timestamp '2026-01-02', '2026-01-01', '2026-01-03']) as extracted_at,
    date '2026-01-01' as data_to,
    timestamp '2026-01-04' as accepted_at;

insert into load_feeds
select load_id, feed, not (feed = 'episodes' and source = 'south'), 1, 1, 0, 0
from loads, (select unnest(getvariable('feeds')) as feed) as feeds;

insert into patients by name
select
    if(is_south, 'south_1', 'north_1') as load_id,
    if(is_south, 'south', 'north') as source,
    false as is_deleted,
    patient_id,
    1935 + cast(70 * draw(n, 'born') as integer) as birth_year,
    pick(n, 'sex', ['female', 'female', 'male', 'unknown']) as sex,
    pick(n, 'ethnicity', ['asian', 'black', 'white', 'white', null])
        as ethnicity,
    pick(n, 'region', ['east', 'west']) as region,
    1 + cast(floor(5 * draw(n, 'quintile')) as integer) as deprivation_quintile,
    if(
        draw(n, 'died') < 0.01,
        first_on + cast(1500 * draw(n, 'death') as integer), null
    ) as died_on,
    if(draw(n, 'seen') < 0.7, first_on - 800, null) as observed_from
from people;

insert into clinicians by name
select
    if(range % 10 = 0, 'south_1', 'north_1') as load_id,
    if(range % 10 = 0, 'south', 'north') as source,
    false as is_deleted,
    if(range % 10 = 0, 's:c', 'n:c') || range as clinician_id,
    pick(range, 'credential', ['psychologist_phd', 'counselor', null])
        as credential,
    draw(range, 'expert') < 0.1 as treats_resistant_depression
from range(cast(getvariable('episodes') / 200 as bigint));

insert into sites by name
select
    'north_1' as load_id, 'north' as source, false as is_deleted,
    'n:x' || range as site_id, 'Site ' || range as site_name
from range(30);

insert into episodes by name
select
    'north_1' as load_id, 'north' as source, false as is_deleted,
    episode_id,
    patient_id,
    'n:' || site as site_id,
    begun_on - cast(60 * draw(c, 'wait') as integer) as referred_on,
    begun_on as started_on,
    if(
        draw(c, 'ended') < 0.85,
        begun_on + 8 * planned_count
        + cast(if(draw(c, 'gap') < 0.125, 150, 20) * draw(c, 'end') as integer),
        null
    ) as ended_on,
    if(
        draw(c, 'ended') < 0.85,
        pick(c, 'why', [
            'completed', 'completed', 'dropped_out', 'declined', 'transferred',
            null
        ]),
        pick(c, 'on', ['ongoing', null])
    ) as end_reason,
    pick(c, 'meant', ['short_term', 'long_term', null]) as intended_length,
    if(draw(c, 'in a trial') < 0.02, allocated, modality) as modality,
    if(draw(c, 'in a trial') < 0.02, allocated, null) as allocated_arm,
    if(draw(c, 'in a trial') < 0.02, true, null) as is_randomised,
    if(draw(c, 'since') < 0.6, cast(60 * draw(c, 'months') as integer), null)
        as current_episode_months,
    if(draw(c, 'trials') < 0.4, cast(4 * draw(c, 'tried') as integer), null)
        as adequate_medication_trials
from (
    select *, pick(c, 'arm', ['computerised_cbt', 'usual_care']) as allocated
    from courses
)
where not is_south;

insert into sessions by name
select
    if(is_south, 'south_1', 'north_1') as load_id,
    if(is_south, 'south', 'north') as source,
    false as is_deleted,
    if(is_south, 's:v', 'n:v') || s as session_id,
    patient_id,
    if(is_south, null, episode_id) as episode_id,
    if(is_south, 's:', 'n:') || clinician as clinician_id,
    if(is_south, 's:', 'n:') || site as site_id,
    held_on,
    attendance,
    case
        when place = 0 and draw(c, 'first') < 0.3 then 'assessment'
        when draw(s, 'typed') < 0.8 then 'treatment'
    end as session_type,
    modality,
    pick(c, 'format', ['individual', 'individual', 'group', 'couple']) as format,
    pick(s, 'mode', ['in_person', 'video', 'phone']) as delivery_mode,
    50 as duration_minutes,
    1 + cast(4 * draw(s, 'people') as integer) as participants_count,
    draw(s, 'homework') < 0.5 as is_homework_assigned,
    draw(s, 'goal') < 0.2 as is_goal_set
from contacts;

-- the south's second delivery mends some of its sessions and retires others
insert into sessions
select * replace (
    'south_2' as load_id,
    hash(session_id) % 200 = 0 as is_deleted,
    held_on + 1 as held_on
)
from sessions
where source = 'south' and hash(session_id) % 50 = 0;

insert into assessments by name
select
    if(is_south, 'south_1', 'north_1') as load_id,
    if(is_south, 'south', 'north') as source,
    false as is_deleted,
    if(is_south, 's:a', 'n:a') || q || substr(instrument, 1, 1) as assessment_id,
    patient_id,
    if(is_south or draw(q, 'known') < 0.1, null, episode_id) as episode_id,
    if(s is null, null, if(is_south, 's:v', 'n:v') || s) as session_id,
    instrument,
    completed_on,
    reason as collection_reason,
    -- a total, the answers, or both; one in 500 totals contradicts the answers
    case
        when luck < 0.3 and instrument != 'wsas' then null
        when luck < 0.302 and points > 3 then points - 3
        else points
    end as total_points,
    case when instrument != 'wsas' or luck < 0.5 then points // items
        + if(0 < points % items, 1, 0) end as item_1,
    case when instrument != 'wsas' or luck < 0.5 then points // items
        + if(1 < points % items, 1, 0) end as item_2,
    -- now and then an answer is left out, or two
    case when luck < 0.02 then null
        when instrument != 'wsas' or luck < 0.5 then points // items
        + if(2 < points % items, 1, 0) end as item_3,
    case when luck < 0.005 then null
        when instrument != 'wsas' or luck < 0.5 then points // items
        + if(3 < points % items, 1, 0) end as item_4,
    case when luck < 0.002 then null
        when instrument != 'wsas' or luck < 0.5 then points // items
        + if(4 < points % items, 1, 0) end as item_5,
    case when items > 5 then points // items + if(5 < points % items, 1, 0) end
        as item_6,
    case when items > 5 then points // items + if(6 < points % items, 1, 0) end
        as item_7,
    case when items > 7 then points // items + if(7 < points % items, 1, 0) end
        as item_8,
    case when items > 7 and draw(q, 'nine') < 0.97 then points // items end
        as item_9
from questionnaires;

-- four patients in ten take something, dispensed about every four weeks; some
-- change to another ingredient, some take two
insert into medications by name
with takers as (
    select
        *,
        first_on + cast(500 * draw(n, 'taken') as integer) - 250 as taken_on,
        cast(2 + 19 * draw(n, 'supplies') as integer) as supplies_count
    from people
    where draw(n, 'taker') < 0.42
),

supplies as (
    select *, unnest(range(supplies_count))::integer as place from takers
)

select
    if(is_south, 'south_1', 'north_1') as load_id,
    if(is_south, 'south', 'north') as source,
    false as is_deleted,
    if(is_south, 's:m', 'n:m') || n || '_' || place as medication_id,
    patient_id,
    case
        when draw(n, 'changes') < 0.4 and place > supplies_count / 2
            then pick(n, 'then', ['venlafaxine', 'mirtazapine', 'lithium'])
        when draw(n, 'changes') > 0.9 and place % 2 = 1 then 'mirtazapine'
        else pick(n, 'drug', ['sertraline', 'citalopram', 'amitriptyline'])
    end as ingredient,
    if(
        place = 0 and draw(n, 'undated') < 0.04, null,
        taken_on + 28 * place + cast(8 * draw(n * 31 + place, 'day') as integer)
        + if(place > 3 and draw(n, 'pause') < 0.2, 75, 0)
    ) as started_on,
    if(place = 0 and draw(n, 'undated') < 0.04, true, null)
        as is_in_use_at_index,
    pick(n * 31 + place, 'supply', [28, 28, 30, 56, null]) as days_supply,
    pick(n, 'dose', [50, 100, 20, null]) as daily_dose_mg,
    pick(n, 'record', ['dispensed', 'dispensed', 'dispensed', 'prescribed'])
        as record_type
from supplies;

insert into diagnoses by name
select
    if(is_south, 'south_1', 'north_1') as load_id,
    if(is_south, 'south', 'north') as source,
    false as is_deleted,
    if(is_south, 's:d', 'n:d') || n as diagnosis_id,
    patient_id,
    pick(n, 'code', [
        'F32.1', 'F33.2', 'F33.1', 'F41.1', 'F32', 'F330', 'F31.1', 'F20.0',
        'F41.0', 'S52.5', 'T43.2'
    ]) as code,
    first_on - cast(300 * draw(n, 'diagnosed') as integer) + 30 as recorded_on,
    if(draw(n, 'state') < 0.9, true, null) as is_active
from people
where draw(n, 'coded') < 0.8;
