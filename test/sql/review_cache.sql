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
-- The attack: a statement writes an issuer, has it looked up, and fails before
-- its triggers run.  What never was must not be trusted from then on.

SELECT format('{"iss":"https://never.example","sub":"mallory","exp":%s}', at('1h')) AS claims \gset
SELECT jwt.generate_key('ES256') AS key \gset
SELECT jwt.sign(:'claims', :'key'::jsonb) AS token_of_never \gset

-- PL/pgSQL, for it sees what its statement has done so far.
CREATE FUNCTION is_valid(token text) RETURNS boolean LANGUAGE plpgsql AS
$$BEGIN RETURN (SELECT c.valid FROM jwt.check(token) AS c); END$$;

CREATE FUNCTION fail_if_valid(token text) RETURNS boolean LANGUAGE plpgsql AS
$$BEGIN RETURN 1 / CASE WHEN is_valid(token) THEN 0 ELSE 1 END = 1; END$$;

SELECT throws_ok(
    format('WITH i AS (INSERT INTO jwt.issuers (issuer, jwks) VALUES (%L, %L) RETURNING issuer) SELECT fail_if_valid(%L) FROM i',
        'https://never.example', jwt.public_key(:'key'::jsonb), :'token_of_never'),
    '22012', NULL, 'a statement sees the issuer it writes, and fails');
SELECT is(is_valid(:'token_of_never'), false, '... and the issuer is gone with it');

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
