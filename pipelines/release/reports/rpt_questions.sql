-- One row per question of the article: answered, or why not.
select
    question_id,
    claim,
    question,
    status,
    answer,
    comparison_id

from answered_questions
