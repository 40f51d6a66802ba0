{#
    One row per questionnaire with its episode: the recorded one if we have it,
    else that of its session, else the patient's latest that was under way or about
    to start that day, else one that waited to start, else the latest before it.
#}

with

assessments as (

    select * from {{ ref('int_assessments_scored') }}

),

episodes as (

    select * from {{ ref('int_episodes_started') }}

),

endings as (

    select * from {{ ref('int_episodes_ended') }}

),

sessions as (

    select * from {{ ref('int_sessions_grouped_into_episodes') }}

),

recorded as (

    select
        assessments.*,
        coalesce(known_episodes.episode_id, session_episodes.episode_id)
            as recorded_episode_id
    from assessments

    left join episodes as known_episodes
        on assessments.episode_id = known_episodes.episode_id

    left join sessions
        on
            assessments.session_id = sessions.session_id
            and assessments.patient_id = sessions.patient_id

    -- a session of a run without treatment has an episode that never started
    left join episodes as session_episodes
        on sessions.episode_id = session_episodes.episode_id

),

candidates as (

    -- several episodes of one day are told apart by key
    select
        recorded.assessment_id,
        episodes.episode_id,
        row_number() over (
            partition by recorded.assessment_id
            order by
                case
                    when
                        {{ days_between(
                            'recorded.completed_on', 'episodes.index_on'
                        ) }}
                        > {{ threshold('baseline_days_before') }}
                        then 2
                    when recorded.completed_on > endings.known_end_on then 3
                    else 1
                end asc,
                episodes.index_on desc,
                episodes.episode_id asc
        ) as latest_first
    from recorded

    inner join episodes
        on recorded.patient_id = episodes.patient_id

    inner join endings
        on episodes.episode_id = endings.episode_id

    where
        recorded.recorded_episode_id is null
        and (
            {{ days_between('recorded.completed_on', 'episodes.index_on') }}
            <= {{ threshold('baseline_days_before') }}
            or coalesce(episodes.referred_on <= recorded.completed_on, false)
        )

),

matched as (

    select
        recorded.*,
        coalesce(recorded.recorded_episode_id, candidates.episode_id)
            as matched_episode_id
    from recorded

    left join candidates
        on
            recorded.assessment_id = candidates.assessment_id
            and candidates.latest_first = 1

),

dated as (

    select
        ---------- ids
        matched.assessment_id,
        matched.patient_id,
        matched.matched_episode_id as episode_id,
        matched.session_id,

        ---------- strings
        matched.source,
        matched.instrument,
        matched.collection_reason,
        matched.points_source,
        matched.severity_band,
        matched.item_9_state,

        ---------- numerics
        matched.points,
        matched.recorded_points,
        matched.derived_points,
        matched.answered_items_count,
        matched.item_9_points,
        matched.severity_rank,
        matched.is_whole_total,
        cast(
            {{ days_between('episodes.index_on', 'matched.completed_on') }}
            as integer
        ) as days_since_start,

        ---------- dates
        matched.completed_on

    from matched

    left join episodes
        on matched.matched_episode_id = episodes.episode_id

)

select * from dated
