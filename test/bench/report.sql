-- The medians, and how they stand to the project's goals.
WITH goals (pattern, compared, kind, goal) AS (
    VALUES ('verify HS256', 'payload::jsonb', 'ratio', 2.5),
           ('verify RS256', 'OpenSSL alone', 'plus us', 3),
           ('verify ES256', 'OpenSSL alone', 'plus us', 3),
           ('verify EdDSA', 'OpenSSL alone', 'plus us', 3),
           ('again %', 'payload::jsonb', 'ratio', 1.5),
           ('sign %', 'OpenSSL alone', 'plus us', 4),
           ('policy', 'the constant', 'ratio', 1.1)
), medians AS (
    SELECT name,
           percentile_cont(0.5) WITHIN GROUP (ORDER BY us) AS us,
           percentile_cont(0.5) WITHIN GROUP (ORDER BY other) AS other,
           percentile_cont(0.5) WITHIN GROUP (ORDER BY us / other) AS ratio,
           percentile_cont(0.5) WITHIN GROUP (ORDER BY us - other) AS difference
    FROM bench.times
    GROUP BY name
)
SELECT m.name AS "what",
       round(m.us::numeric, 2) AS "us each",
       g.compared AS "beside",
       round(m.other::numeric, 2) AS "its us",
       CASE g.kind
           WHEN 'ratio' THEN round(m.ratio::numeric, 2) || ' times'
           ELSE '+' || round(m.difference::numeric, 2) || ' us'
       END AS "measured",
       CASE g.kind
           WHEN 'ratio' THEN '<= ' || g.goal || ' times'
           ELSE '<= +' || g.goal || ' us'
       END AS "goal",
       CASE WHEN CASE g.kind WHEN 'ratio' THEN m.ratio ELSE m.difference END <= g.goal
            THEN 'met' ELSE 'missed' END AS " "
FROM medians AS m
JOIN goals AS g ON m.name LIKE g.pattern
ORDER BY array_position(ARRAY['verify', 'again', 'sign', 'policy'], split_part(m.name, ' ', 1)), m.name;
