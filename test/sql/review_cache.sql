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

SELECT * FROM finish();
ROLLBACK;
