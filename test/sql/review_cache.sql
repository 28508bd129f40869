\i test/tap.psql
-- What the caches keep, and no more.
BEGIN;
\i test/forge.psql
SELECT no_plan();

CREATE FUNCTION tokens_kept() RETURNS bigint LANGUAGE sql
RETURN (SELECT entries FROM jwt.cache_stats() WHERE cache = 'tokens');

-- ---------------------------------------------------------------------------
-- A token verified again because its issuer's row has changed takes the place
-- of what was known of it.

SELECT jwt.trust_issuer('https://foreign.example', secret => secret()) \g /dev/null
SELECT token(format('{"iss":"https://foreign.example","sub":"alice","exp":%s}', at('1h'))) AS token \gset
SELECT jwt.verify(:'token') \g /dev/null
SELECT tokens_kept() AS before \gset
UPDATE jwt.issuers SET leeway = '11 seconds';
SELECT jwt.verify(:'token') \g /dev/null
SELECT is(tokens_kept(), :before::bigint, 'one entry for a token, whatever became of its issuer');

-- ---------------------------------------------------------------------------
-- Claims whose names come from rows are not kept to the query's end.

SELECT jwt.set_session(:'token') \g /dev/null
SELECT is(array_agg(jwt.claim(name)), '{alice,NULL,https://foreign.example,alice,NULL}', 'names that differ from row to row')
FROM unnest('{sub,none,iss,sub,none}'::text[]) AS name;

CREATE FUNCTION executor_bytes() RETURNS numeric LANGUAGE sql
RETURN (SELECT sum(used_bytes) FROM pg_backend_memory_contexts WHERE name = 'ExecutorState');

CREATE TEMPORARY TABLE names AS SELECT format('%s%s', repeat('x', 200), g) AS name FROM generate_series(1, 20000) AS g;
SELECT ok((SELECT count(jwt.claim(name)) FROM names) = 0 AND executor_bytes() < 1000000, 'and do not add up');

SELECT * FROM finish();
ROLLBACK;
