\i test/tap.psql
-- A key's life: next -> active -> retired -> removed, what each state signs,
-- verifies and publishes, and revocation.

SELECT no_plan();
SELECT jwt.create_issuer('https://rotation.test', token_lifetime => '1 hour') AS k1 \gset

CREATE FUNCTION pg_temp.states() RETURNS TABLE (kid text, state text) LANGUAGE sql AS $$
    SELECT k.kid, k.state FROM jwt.keys AS k WHERE k.issuer = 'https://rotation.test' ORDER BY k.created_at, k.kid
$$;
CREATE FUNCTION pg_temp.published() RETURNS text[] LANGUAGE sql AS $$
    SELECT coalesce(array_agg(k ->> 'kid' ORDER BY k ->> 'kid'), '{}') FROM jsonb_array_elements(jwt.jwks('https://rotation.test') -> 'keys') AS k
$$;
CREATE FUNCTION pg_temp.sorted(VARIADIC kids text[]) RETURNS text[] LANGUAGE sql AS 'SELECT array_agg(k ORDER BY k) FROM unnest(kids) AS k';
CREATE FUNCTION pg_temp.issue() RETURNS text LANGUAGE sql AS $$SELECT jwt.issue('{}', 'https://rotation.test')$$;
CREATE FUNCTION pg_temp.signer() RETURNS text LANGUAGE sql AS 'SELECT (jwt.decode(pg_temp.issue())).header ->> ''kid''';
CREATE FUNCTION pg_temp.kid_in(wanted text) RETURNS text LANGUAGE sql AS $$
    SELECT k.kid FROM jwt.keys AS k WHERE k.issuer = 'https://rotation.test' AND k.state = wanted
$$;

-- ---------------------------------------------------------------------------
-- First rotation: the key that signs then has been published since the issuer was made

SELECT pg_temp.kid_in('next') AS waiting \gset
SELECT is(pg_temp.published(), pg_temp.sorted(:'k1', :'waiting'), 'a second key is published from the beginning');
SELECT pg_temp.issue() AS t1 \gset
SELECT is(pg_temp.signer(), :'k1', 'the first key signs');
SELECT jwt.rotate_key('https://rotation.test') AS k2 \gset
SELECT pg_temp.kid_in('next') AS k3 \gset
SELECT is(:'k2'::text, :'waiting', '... and signs after the first rotation');
SELECT is(pg_temp.kid_in('active'), :'k2', 'rotate_key returns the active kid');
SELECT is((SELECT array_agg(state ORDER BY state) FROM pg_temp.states()), '{active,next,retired}', 'one of each state');
SELECT is((SELECT state FROM pg_temp.states() WHERE kid = :'k1'), 'retired', 'the first is retired');
SELECT is(pg_temp.signer(), :'k2', 'the second signs');
SELECT is((jwt.check(:'t1')).valid, true, 'the first''s tokens still verify');
SELECT is(pg_temp.published(), pg_temp.sorted(:'k1', :'k2', :'k3'), 'next, active and retired are published');
SELECT results_eq($$SELECT activated_at >= created_at, retired_at >= activated_at, removed_at IS NULL FROM jwt.keys WHERE kid = '$$ || :'k1' || $$'$$,
                  'VALUES (true, true, true)', 'the times of the retired key');
SELECT results_eq($$SELECT activated_at IS NULL, retired_at IS NULL, removed_at IS NULL FROM jwt.keys WHERE kid = '$$ || :'k3' || $$'$$,
                  'VALUES (true, true, true)', '... and of the next, which has none yet');
SELECT is((SELECT private_jwk FROM jwt.keys WHERE kid = :'k1'), NULL, 'a retired key''s private half is gone: nobody needs it');
SELECT isnt((SELECT private_jwk FROM jwt.keys WHERE kid = :'k3'), NULL, 'the next one has its own');
SELECT throws_ok(format('SELECT jwt.issue(''{}'', ''https://rotation.test'', kid => %L)', kid), 'JW050', NULL, 'a ' || state || ' key does not sign')
FROM (VALUES (:'k1', 'retired'), (:'k3', 'next')) AS v (kid, state);
SELECT is((jwt.check(jwt.sign('{"iss": "https://rotation.test"}', (SELECT private_jwk::jsonb FROM jwt.keys WHERE kid = :'k3'), expires_in => '1 hour'))).valid, true,
          'a next key verifies, as a client that has it from jwks will');

-- Second rotation: the next becomes active
SELECT pg_temp.issue() AS t2 \gset
SELECT is(jwt.rotate_key('https://rotation.test'), :'k3', 'the next key becomes active');
SELECT is(pg_temp.signer(), :'k3', '... and signs');
SELECT is((SELECT string_agg(state, ' ' ORDER BY state) FROM pg_temp.states()), 'active next retired retired', '... and another waits');
SELECT is((jwt.check(token)).valid, true, 'tokens of both retired keys verify') FROM unnest(ARRAY[:'t1', :'t2']) AS token;

-- ---------------------------------------------------------------------------
-- Retired keys go when the last token they may have signed has expired

SELECT pg_temp.issue() AS t3 \gset
UPDATE jwt.keys SET retired_at = clock_timestamp() - interval '1 hour 5 seconds' WHERE kid = :'k1';
UPDATE jwt.keys SET retired_at = clock_timestamp() - interval '1 hour 15 seconds' WHERE kid = :'k2';
SELECT jwt.rotate_key('https://rotation.test') AS k4 \gset
SELECT is((SELECT state FROM pg_temp.states() WHERE kid = :'k1'), 'retired', 'within lifetime and leeway a retired key stays');
SELECT is((SELECT state FROM pg_temp.states() WHERE kid = :'k2'), 'removed', 'after them it is removed');
SELECT results_eq($$SELECT removed_at > retired_at, private_jwk IS NULL FROM jwt.keys WHERE kid = '$$ || :'k2' || $$'$$, 'VALUES (true, true)', '... with its time');
SELECT is((jwt.check(:'t2')).valid, false, '... and its tokens are refused');
SELECT throws_ok(format('SELECT jwt.verify(%L)', :'t2'), 'JW006', NULL, '... as of no key');
SELECT is(:'k2'::text = ANY (pg_temp.published()), false, '... and it is published no more');
SELECT is(:'k1'::text = ANY (pg_temp.published()), true, 'the other still is');
SELECT is((jwt.check(token)).valid, true, 'and its tokens, and later ones, verify') FROM unnest(ARRAY[:'t1', :'t3']) AS token;

-- A shared secret also verifies, so retired it keeps what it is.
SELECT jwt.create_issuer('https://shared.rotation.test', 'HS256') AS h1 \gset
SELECT jwt.issue('{}', 'https://shared.rotation.test') AS th \gset
SELECT jwt.rotate_key('https://shared.rotation.test') AS h2 \gset
SELECT is((SELECT state || ' ' || (private_jwk IS NOT NULL) FROM jwt.keys WHERE kid = :'h1'), 'retired true', 'a retired shared secret is kept');
SELECT is((jwt.check(:'th')).valid, true, '... and verifies');
UPDATE jwt.keys SET retired_at = clock_timestamp() - interval '2 hours' WHERE kid = :'h1';
SELECT jwt.rotate_key('https://shared.rotation.test') AS unused \gset
SELECT is((SELECT state || ' ' || (private_jwk IS NOT NULL) FROM jwt.keys WHERE kid = :'h1'), 'removed false', '... until it is removed');
SELECT is((jwt.check(:'th')).valid, false, '... and verifies no more');

-- ---------------------------------------------------------------------------
-- revoke_key

SELECT pg_temp.issue() AS t4 \gset
SELECT is((jwt.check(:'t4')).valid, true, 'a token, and its signature is remembered');
SELECT is(jwt.revoke_key('https://rotation.test', :'k4'), true, 'its key is revoked');
SELECT is((jwt.check(:'t4')).valid, false, '... which counts at the next statement');
SELECT is((SELECT state || ' ' || (private_jwk IS NULL) || ' ' || (removed_at IS NOT NULL) FROM jwt.keys WHERE kid = :'k4'), 'removed true true', '... and the private half is gone');
SELECT is(:'k4'::text = ANY (pg_temp.published()), false, '... and it is published no more');
SELECT throws_ok('SELECT pg_temp.issue()', 'JW050', NULL, 'nothing signs until the next rotation');
SELECT is(jwt.revoke_key('https://rotation.test', :'k4'), false, 'revoked again: nothing to do');
SELECT is(jwt.revoke_key('https://rotation.test', 'nope'), false, 'a key that is not there');
SELECT is(jwt.revoke_key('https://other.test', :'k1'), false, 'a key of another issuer');
SELECT is((jwt.check(:'t1')).valid, true, '... which stays');
BEGIN;
SELECT jwt.revoke_key('https://rotation.test', pg_temp.kid_in('next')) IS NULL AS unused \gset
SELECT throws_ok('SELECT jwt.rotate_key(''https://rotation.test'')', 'JW050', 'no active key to rotate', 'with none that waits, which algorithm is not known');
SELECT lives_ok('SELECT jwt.rotate_key(''https://rotation.test'', ''ES256'')', '... and can be said');
SELECT is((jwt.check(pg_temp.issue())).valid, true, '... whereupon a key signs at once, since the issuer has no other');
ROLLBACK;
SELECT is(jwt.rotate_key('https://rotation.test'), pg_temp.kid_in('active'), 'the key that waited takes its place');
SELECT is((jwt.check(pg_temp.issue())).valid, true, '... and signs');
SELECT pg_temp.kid_in('active') AS staying \gset
SELECT is(jwt.revoke_key('https://rotation.test', pg_temp.kid_in('next')), true, 'a next key can be revoked');
SELECT is(jwt.rotate_key('https://rotation.test'), :'staying', '... and with none published the active one goes on');
SELECT is((SELECT count(*) FROM pg_temp.states() WHERE state = 'next'), 1::bigint, '... while another is');
SELECT is(jwt.revoke_key('https://rotation.test', :'k1'), true, 'a retired key too');
SELECT is((jwt.check(:'t1')).valid, false, '... whose tokens are refused');

-- Within one statement the session's other calls see it too.
SELECT pg_temp.issue() AS t5 \gset
BEGIN;
SELECT is((jwt.check(:'t5')).valid, true, 'in a transaction: a token');
SAVEPOINT s;
SELECT jwt.revoke_key('https://rotation.test', pg_temp.kid_in('active')) AS unused \gset
SELECT is((jwt.check(:'t5')).valid, false, 'in a transaction: revoked');
ROLLBACK TO s;
SELECT is((jwt.check(:'t5')).valid, true, 'in a transaction: the revocation is rolled back to a savepoint');
SELECT jwt.revoke_key('https://rotation.test', pg_temp.kid_in('active')) AS unused \gset
SELECT (jwt.check(:'t5')).valid AS within \gset
ROLLBACK;
SELECT is(:'within'::boolean, false, 'in a transaction: revoked again');
SELECT is((jwt.check(:'t5')).valid, true, '... which ROLLBACK undoes');

-- ---------------------------------------------------------------------------
-- Algorithms rotate each for itself

SELECT pg_temp.kid_in('active') AS es \gset
SELECT is(jwt.rotate_key('https://rotation.test', 'EdDSA'), NULL, 'a second algorithm is published first');
SELECT is(pg_temp.signer(), :'es', '... while the first goes on to sign');
SELECT is((SELECT kid FROM jwt.keys WHERE algorithm = 'EdDSA' AND state = 'next') = ANY (pg_temp.published()), true, '... and clients learn of it');
SELECT jwt.rotate_key('https://rotation.test', 'EdDSA') AS ed \gset
SELECT results_eq($$SELECT algorithm FROM jwt.keys WHERE issuer = 'https://rotation.test' AND state = 'active' ORDER BY algorithm$$,
                  ARRAY['ES256', 'EdDSA'], 'a second algorithm is added by rotating to it');
SELECT is(pg_temp.signer(), :'ed', '... and it signs');
SELECT jwt.rotate_key('https://rotation.test') AS ed2 \gset
SELECT is((SELECT algorithm FROM jwt.keys WHERE kid = :'ed2'), 'EdDSA', 'unnamed, the algorithm that signs is rotated');
SELECT is((SELECT state FROM jwt.keys WHERE kid = :'es'), 'active', '... and the other is not');
SELECT jwt.rotate_key('https://rotation.test', 'ES256') AS es2 \gset
SELECT is((SELECT state FROM jwt.keys WHERE kid = :'ed2'), 'active', '... nor the other way round');
SELECT is(pg_temp.signer(), :'es2', 'the one activated last signs');
SELECT throws_ok(format('SELECT jwt.rotate_key(%s)', arguments), state, NULL, 'rotate_key(' || arguments || ')')
FROM (VALUES ('''https://no.test''', 'JW015'), ('NULL', 'JW015'), ('''https://rotation.test'', ''none''', 'JW002'),
             ('''https://rotation.test'', ''RSA-OAEP''', 'JW002'), ('''https://rotation.test'', ''RS256'', 1024', 'JW033')) AS v (arguments, state);
SELECT is((SELECT count(*) FROM jwt.keys WHERE issuer = 'https://rotation.test' AND algorithm = 'RS256'), 0::bigint, 'what was refused left nothing behind');

-- An RSA key is as large as the one it follows, unless another size is named.
SELECT jwt.create_issuer('https://rsa.rotation.test', 'PS256', bits => 3072) IS NULL AS unused \gset
SELECT jwt.rotate_key('https://rsa.rotation.test') IS NULL AS unused \gset
SELECT is((SELECT array_agg(length(public_jwk ->> 'n') ORDER BY state) FROM jwt.keys WHERE issuer = 'https://rsa.rotation.test'), '{512,512,512}', 'RSA keys keep their size');
SELECT jwt.rotate_key('https://rsa.rotation.test', bits => 2048) IS NULL AS unused \gset
SELECT is((SELECT length(public_jwk ->> 'n') FROM jwt.keys WHERE issuer = 'https://rsa.rotation.test' AND state = 'next'), 342, '... unless told otherwise');
-- One that was imported may be larger than any that is made.  (Of a key that nobody has.)
\set modulus nm6Jyz2kqs8IHOacNKXkTKRTL6km6MJ9DbaTkw5elkPZxik7ITK2PCsMzy2cg0wbbzng3DxdGojVuOdx7grMD4S2ZX9RL1Zt23NBUk9rBb2aZsiZymSH0aLQ3f7b8JRdNJfC_O1B_n9sH4uuttaA8Y7cbXmznGwv4ahBbQEpOrCkXflpGBFR2HtbwBTkPwA0GYUe3bErpUDinYa4_PqNtbguFypFCULWGXslf6S6A6ntJ4__lUW3GJX7F7Ui1Sx9zOPvgFJVrHqSz_gLAoV5AGAiU_Gj1bZV07Wm9XkN23M2BiIEYWfZX_AwLtFHh_rejAy27ILlR2BS2EY7pdr4Nxobl1yZy4wtr2T9DojZjjplE36D0lI7kAK0_Y0Gl-wEKauWRypMELrmo4nzBwo75b5GbKZ7PZ56aTB2GRk6MTUOLttw8kvIcP4CkIyQL-OVfnbOcLtdGXcfu7hWejuYPtB9c0MiPakzGf4LVKylL6ZJl33hVUtNqWNVl43Gz4st2GCiIyd9O4com8THVfxyezX2g3BP8O-jSdjLlpeGp2WgIhxolBQ7tH3ruewpTL46lw12G710Jv_ZF2iUeqBJeIsknW7cN4C1tCi7zw2rqxl1baSa3XOG1oGE_UQE5tLTWKcGWjvl01oaVJIUIFE-nG3N4OLbgUCaHFvzazcrisjccxiD99GpmrxX55IY-HDMxCgp3p6xgNz0PH4DKEMcPWUWXHXVk8iZIM7xqQg8A7am5n4mz-4sqWKDZSbt4vXrUPUJMWzBiy_PldOuxEt90t6ZDSpGmhre7MNJ7hHknyYgSYodF1vwUJpte_jr3x37IQYWIm7jYLfzWsctRx0Jkw
SELECT count(jwt.revoke_key(issuer, kid)) AS unused FROM jwt.keys WHERE issuer = 'https://rsa.rotation.test' AND state = 'next' \gset
UPDATE jwt.keys SET public_jwk = jsonb_set(public_jwk, '{n}', to_jsonb(:'modulus'::text)) WHERE issuer = 'https://rsa.rotation.test' AND state = 'active';
SELECT lives_ok('SELECT jwt.rotate_key(''https://rsa.rotation.test'')', 'after a key of 5120 bits');
SELECT is((SELECT length(public_jwk ->> 'n') FROM jwt.keys WHERE issuer = 'https://rsa.rotation.test' AND state = 'next'), 683, '... comes one of 4096');

-- ---------------------------------------------------------------------------
-- As many keys as a JWKS may have: more are not made, and what is out verifies

SELECT jwt.create_issuer('https://many.rotation.test') IS NULL AS unused \gset
SELECT jwt.issue('{}', 'https://many.rotation.test') AS many \gset
SELECT count(jwt.rotate_key('https://many.rotation.test')) AS unused FROM generate_series(1, 62) \gset
SELECT is((SELECT count(*) FROM jwt.keys WHERE issuer = 'https://many.rotation.test'), 64::bigint, '64 keys within token_lifetime');
SELECT throws_ok('SELECT jwt.rotate_key(''https://many.rotation.test'')', 'JW054', 'issuer has too many keys', '... and no more');
SELECT throws_ok('SELECT jwt.import_key(''https://many.rotation.test'', jwt.generate_key(''ES256'')::text)', 'JW054', 'issuer has too many keys', '... nor an imported one');
SELECT is((SELECT count(*) FROM jwt.keys WHERE issuer = 'https://many.rotation.test'), 64::bigint, '... whereupon all is as it was');
SELECT is((jwt.check(token)).error, NULL, '... and tokens verify') FROM unnest(ARRAY[:'many', jwt.issue('{}', 'https://many.rotation.test')]) AS token;
SELECT is((jwt.check(:'many', jwt.jwks('https://many.rotation.test'))).valid, true, '... elsewhere too');
SELECT is(jwt.revoke_key(issuer, kid), true, 'one is revoked')
FROM (SELECT * FROM jwt.keys WHERE issuer = 'https://many.rotation.test' AND state = 'retired' ORDER BY retired_at DESC LIMIT 1) AS k;
SELECT lives_ok('SELECT jwt.rotate_key(''https://many.rotation.test'')', '... which makes room');
UPDATE jwt.keys SET retired_at = retired_at - interval '2 hours' WHERE issuer = 'https://many.rotation.test' AND state = 'retired';
SELECT lives_ok('SELECT jwt.rotate_key(''https://many.rotation.test'')', '... as time does');
SELECT is((SELECT count(*) FROM jwt.keys WHERE issuer = 'https://many.rotation.test' AND state <> 'removed'), 3::bigint, '... for all');
INSERT INTO jwt.keys (issuer, kid, algorithm, state, public_jwk)
SELECT 'https://many.rotation.test', n, 'ES256', 'retired', jwt.public_key(jwt.generate_key('ES256')) FROM generate_series(1, 62) AS n;
SELECT throws_ok(format('SELECT jwt.verify(%L)', :'many'), 'JW054', 'issuer has too many keys', 'too many by hand: the error is not about the token');

-- Keys in the issuer's jwks verify beside its own, so they take up room too.
SELECT jwt.create_issuer('https://both.rotation.test') IS NULL AS unused \gset
SELECT jsonb_build_object('keys', jsonb_agg(jwt.public_key(jwt.generate_key('ES256')))) AS jwks63 FROM generate_series(1, 63) \gset
SELECT jsonb_set(:'jwks63', '{keys}', (:'jwks63'::jsonb -> 'keys') - 0) AS jwks62 \gset
SELECT throws_ok(format('SELECT jwt.trust_issuer(%L, jwks => %L)', 'https://both.rotation.test', :'jwks63'), 'JW054', NULL, 'a jwks too large beside own keys is refused');
SELECT lives_ok(format('SELECT jwt.trust_issuer(%L, jwks => %L)', 'https://both.rotation.test', :'jwks62'), 'one that leaves them room is not');
SELECT throws_ok('SELECT jwt.rotate_key(''https://both.rotation.test'')', 'JW054', NULL, '... and no further key is made');
SELECT is((jwt.check(jwt.issue('{}', 'https://both.rotation.test'))).error, NULL, '... so tokens verify');

-- ---------------------------------------------------------------------------
-- Changes by hand count as well, and whatever replication writes

CREATE TABLE pg_temp.kept AS SELECT * FROM jwt.keys WHERE issuer = 'https://rotation.test';
SELECT jwt.create_issuer('https://replica.rotation.test') AS r1 \gset
SELECT jwt.issue('{}', 'https://replica.rotation.test') AS tr \gset
SELECT is((jwt.check(:'tr')).valid, true, 'a token, verified');
UPDATE jwt.keys SET state = 'removed', private_jwk = NULL WHERE kid = :'r1';
SELECT is((jwt.check(:'tr')).valid, false, 'UPDATE of its key');
UPDATE jwt.keys SET state = 'retired' WHERE kid = :'r1';
SELECT is((jwt.check(:'tr')).valid, true, '... and back');
DELETE FROM jwt.keys WHERE kid = :'r1';
SELECT is((jwt.check(:'tr')).valid, false, 'DELETE of its key');
SELECT jwt.create_issuer('https://replica2.rotation.test') AS r2 \gset
SELECT jwt.issue('{}', 'https://replica2.rotation.test') AS tr2 \gset
SELECT is((jwt.check(:'tr2')).valid, true, 'a token, verified');
SET session_replication_role = replica;
UPDATE jwt.keys SET state = 'removed', private_jwk = NULL WHERE kid = :'r2';
SELECT is((jwt.check(:'tr2')).valid, false, 'session_replication_role = replica: UPDATE of its key');
UPDATE jwt.keys SET state = 'retired' WHERE kid = :'r2';
SELECT is((jwt.check(:'tr2')).valid, true, '... and back');
UPDATE jwt.issuers SET enabled = false WHERE issuer = 'https://replica2.rotation.test';
SELECT is((jwt.check(:'tr2')).valid, false, '... UPDATE of its issuer');
UPDATE jwt.issuers SET enabled = true WHERE issuer = 'https://replica2.rotation.test';
SELECT is((jwt.check(:'tr2')).valid, true, '... and back');
DELETE FROM jwt.keys WHERE kid = :'r2';
SELECT is((jwt.check(:'tr2')).valid, false, '... DELETE of its key');
RESET session_replication_role;
BEGIN;
SELECT is((jwt.check(:'t5')).valid, true, 'a token, verified');
TRUNCATE jwt.keys;
SELECT (jwt.check(:'t5')).valid AS truncated \gset
ROLLBACK;
SELECT is(:'truncated'::boolean, false, 'TRUNCATE');
SELECT is((jwt.check(:'t5')).valid, true, '... rolled back');
SELECT results_eq('SELECT * FROM jwt.keys WHERE issuer = ''https://rotation.test'' ORDER BY kid', 'SELECT * FROM kept ORDER BY kid', 'and all is as it was');

-- ---------------------------------------------------------------------------

SELECT * FROM finish();
DELETE FROM jwt.issuers WHERE issuer LIKE 'https://%rotation.test';
