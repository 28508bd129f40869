\i test/tap.psql
-- What a backend remembers is bounded, whatever it is shown.

\c -
SELECT sum(entries) AS entries_before, sum(limit_bytes) AS limits FROM jwt.cache_stats() \gset

-- 20,000 tokens, each verified once
SELECT jwt.create_issuer('https://caches.test', 'HS256') IS NULL AS unused \gset
SELECT count(jwt.verify(jwt.issue(jsonb_build_object('sub', n::text, 'pad', repeat('x', n % 700)), 'https://caches.test'))) AS verified
FROM generate_series(1, 20000) AS n \gset
CREATE TEMP TABLE after_tokens AS SELECT * FROM jwt.cache_stats();

-- 2,000 keys of each form, and some of each type
SELECT count(jwt.sign('{}', md5(n::text) || md5((-n)::text))) + count(jwt.sign('{}', jsonb_build_object('kty', 'oct', 'k', md5(n::text) || md5((-n)::text)))) AS signed
FROM generate_series(1, 2000) AS n \gset
SELECT count(jwt.sign('{}', k)) AS signed_rsa
FROM (SELECT k || jsonb_build_object('kid', n::text) AS k FROM (SELECT jwt.generate_key('RS256') AS k OFFSET 0) AS one, generate_series(1, 150) AS n) AS keys \gset
CREATE TEMP TABLE after_keys AS SELECT * FROM jwt.cache_stats();

-- 300 issuers
SELECT count(jwt.create_issuer('https://' || n || '.caches.test')) AS issuers FROM generate_series(1, 300) AS n \gset
SELECT count(jwt.verify(jwt.issue('{}', issuer))) AS issued FROM jwt.issuers WHERE issuer LIKE 'https://%caches.test' \gset
CREATE TEMP TABLE after_issuers AS SELECT * FROM jwt.cache_stats();

SELECT no_plan();
SELECT is(:entries_before, 0, 'a new backend has nothing');
SELECT is(:'verified' || ' ' || :'signed' || ' ' || :'signed_rsa' || ' ' || :'issued', '20000 4000 150 301', 'all that was asked was done');
SELECT cmp_ok(:limits, '<=', 2 * 1024 * 1024, 'the limits are 2 MB together');
SELECT is(misses >= 20000 AND evictions > 0, true, 'tokens were forgotten') FROM after_tokens WHERE cache = 'tokens';
SELECT is(misses >= 4150 AND evictions > 0, true, 'keys were forgotten') FROM after_keys WHERE cache = 'keys';
SELECT is(misses >= 300 AND evictions > 0, true, 'issuers were forgotten') FROM after_issuers WHERE cache = 'issuers';
SELECT cmp_ok(entries, '>', 0::bigint, cache || ': some are kept') FROM after_issuers ORDER BY cache;
SELECT cmp_ok(bytes, '<=', limit_bytes, 'after ' || what || ', ' || cache || ' are within their limit')
FROM (SELECT 1 AS n, 'tokens' AS what, * FROM after_tokens UNION ALL SELECT 2, 'keys', * FROM after_keys UNION ALL SELECT 3, 'issuers', * FROM after_issuers) AS s
ORDER BY n, cache;
SELECT cmp_ok(sum(bytes), '<=', (2 * 1024 * 1024)::numeric, 'all together under 2 MB') FROM after_issuers;

-- PostgreSQL's own accounts agree for what lives in its memory contexts.
SELECT is(c.total_bytes, s.bytes, 'the tokens'' context has what cache_stats says')
FROM pg_backend_memory_contexts AS c, jwt.cache_stats() AS s WHERE c.name = 'oauth_jwt tokens' AND s.cache = 'tokens';
SELECT is(count(*), (SELECT entries FROM jwt.cache_stats() WHERE cache = 'issuers'), 'each issuer kept has a context of its own')
FROM pg_backend_memory_contexts WHERE name = 'oauth_jwt issuer';
SELECT cmp_ok(sum(c.total_bytes), '<=', (SELECT bytes::numeric FROM jwt.cache_stats() WHERE cache = 'issuers'), '... and cache_stats counts all of them, and OpenSSL''s part')
FROM pg_backend_memory_contexts AS c WHERE name = 'oauth_jwt issuer';
SELECT is(count(*), 0::bigint, 'nothing of ours is left in contexts that last but these')
FROM pg_backend_memory_contexts WHERE name LIKE 'oauth_jwt%' AND name NOT IN ('oauth_jwt tokens', 'oauth_jwt issuer');

-- A hit is counted where something is known.
SELECT jwt.issue('{}', 'https://caches.test') AS token \gset
SELECT jwt.verify(:'token') IS NULL AS unused \gset
SELECT hits AS hits_before FROM jwt.cache_stats() WHERE cache = 'tokens' \gset
SELECT jwt.verify(:'token') IS NULL AS unused \gset
SELECT is(hits - :hits_before, 1::bigint, 'a token seen before is a hit') FROM jwt.cache_stats() WHERE cache = 'tokens';

-- Large ones are not kept, and one that would not fit does no harm.
SELECT jwt.issue(jsonb_build_object('pad', repeat('x', 20000)), 'https://caches.test') AS large \gset
SELECT jwt.verify(:'large') IS NULL AS unused \gset
SELECT misses AS misses_before FROM jwt.cache_stats() WHERE cache = 'tokens' \gset
SELECT is(jwt.verify(:'large') ->> 'iss', 'https://caches.test', 'a large token verifies');
SELECT cmp_ok(bytes, '<=', limit_bytes, '... within the limit') FROM jwt.cache_stats() WHERE cache = 'tokens';

-- Whoever changes what is trusted makes every session forget.
SELECT jwt.verify(jwt.issue('{}', 'https://caches.test')) IS NULL AS unused \gset
UPDATE jwt.issuers SET leeway = '20 seconds' WHERE issuer = 'https://caches.test';
SELECT jwt.verify(jwt.issue('{}', 'https://caches.test')) IS NULL AS unused \gset
SELECT is(entries, 1::bigint, 'after a change only what was read since is kept') FROM jwt.cache_stats() WHERE cache = 'issuers';

SELECT * FROM finish();
DELETE FROM jwt.issuers WHERE issuer LIKE 'https://%caches.test';
