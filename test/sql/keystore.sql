\i test/tap.psql
-- Issuers, their keys, tokens issued with them, what is published, and who may
-- do what.  test/sql/rotation.sql has the keys' states.

SELECT no_plan();

-- Nothing of other tests' is in the way; all of it comes back at the end.
BEGIN;
DELETE FROM jwt.issuers;

CREATE FUNCTION pg_temp.header(token text) RETURNS jsonb LANGUAGE sql AS 'SELECT (jwt.decode(token)).header';
CREATE FUNCTION pg_temp.claims(token text) RETURNS jsonb LANGUAGE sql AS 'SELECT (jwt.decode(token)).payload';

-- ---------------------------------------------------------------------------
-- create_issuer

SELECT throws_ok('SELECT jwt.issue(''{}'')', 'JW050', 'no active signing key', 'without an issuer nothing is issued');
SELECT is(jwt.jwks(), '{"keys": []}'::jsonb, '... and nothing published');

SELECT jwt.create_issuer('https://one.test') AS kid \gset
SELECT results_eq('SELECT algorithm, state, kid = jwt.thumbprint(public_jwk), public_jwk ->> ''kid'' = kid, activated_at IS NOT NULL,
                          retired_at IS NULL AND removed_at IS NULL FROM jwt.keys ORDER BY state',
                  $$VALUES ('ES256', 'active', true, true, true, true), ('ES256', 'next', true, true, false, true)$$,
                  'create_issuer makes an active key and a next one, named by their thumbprints');
SELECT is(:'kid'::text, (SELECT kid FROM jwt.keys WHERE state = 'active'), '... and returns the active kid');
SELECT is(jwt.jwks() -> 'keys', (SELECT jsonb_agg(public_jwk ORDER BY state) FROM jwt.keys), '... and publishes both');
SELECT is(own, true, '... of an issuer of our own') FROM jwt.issuers;
SELECT results_eq('SELECT enabled, jwks, algorithms, audience, type, leeway, required_claims, roles_claim, token_lifetime FROM jwt.issuers',
                  $$VALUES (true, NULL::jsonb, NULL::text[], NULL::text[], NULL::text, '10 seconds'::interval, '{exp}'::text[], '{roles}'::text[], '1 hour'::interval)$$,
                  '... with terms that are safe to begin with');
SELECT throws_ok('SELECT jwt.create_issuer(''https://one.test'')', '23505', NULL, 'an issuer is made once');
SELECT throws_ok(format('SELECT jwt.create_issuer(''https://x.test'', %s)', arguments), state, NULL, 'create_issuer(' || arguments || ')')
FROM (VALUES ('''none''', 'JW002'), ('''RSA-OAEP''', 'JW002'), ('''A128KW''', 'JW002'), ('''es256''', 'JW002'), ('''''', 'JW002'),
             ('NULL', '22004'), ('''RS256'', bits => 1024', 'JW033'), ('''ES256'', bits => 512', 'JW031'),
             ('token_lifetime => ''0''', '23514'), ('token_lifetime => ''-1 hour''', '23514'), ('token_lifetime => ''11 years''', '23514'),
             ('token_lifetime => NULL', '23502'), ('audience => ''{}''', '23514'), ('audience => ''{NULL}''', '23514')) AS v (arguments, state);
SELECT throws_ok('SELECT jwt.create_issuer(NULL)', '23502', NULL, 'create_issuer(NULL)');
SELECT throws_ok('SELECT jwt.create_issuer('''')', '23514', NULL, 'create_issuer('''')');
SELECT is((SELECT count(*) FROM jwt.issuers), 1::bigint, 'what was refused left nothing behind');

-- Every signature algorithm has keys to issue with, which verify.
SELECT lives_ok(format('SELECT jwt.create_issuer(%L, %L)', 'https://' || lower(algorithm) || '.test', algorithm), 'create_issuer: ' || algorithm)
FROM unnest(ARRAY['HS256', 'HS384', 'HS512', 'RS256', 'RS512', 'PS256', 'PS384', 'ES256', 'ES384', 'ES512', 'ES256K',
                  'EdDSA', 'Ed25519', 'Ed448']) AS algorithm;
SELECT is(pg_temp.header(jwt.issue('{}', issuer)) ->> 'alg', algorithm, algorithm || ' signs with itself')
FROM jwt.keys WHERE issuer <> 'https://one.test' AND state = 'active' ORDER BY algorithm;
SELECT is((jwt.check(jwt.issue('{}', issuer))).error, NULL, algorithm || ' verifies')
FROM jwt.keys WHERE issuer <> 'https://one.test' AND state = 'active' ORDER BY algorithm;
DELETE FROM jwt.issuers WHERE issuer <> 'https://one.test';

-- ---------------------------------------------------------------------------
-- issue: what it adds

SELECT jwt.issue('{"sub": "alice"}') AS token \gset
SELECT is(pg_temp.header(:'token'), jsonb_build_object('alg', 'ES256', 'typ', 'JWT', 'kid', :'kid'), 'the header');
SELECT set_eq('SELECT jsonb_object_keys(pg_temp.claims(''' || :'token' || '''))', ARRAY['iss', 'sub', 'iat', 'exp', 'jti'], 'the claims');
SELECT is(pg_temp.claims(:'token') ->> 'iss', 'https://one.test', 'iss');
SELECT cmp_ok(abs((pg_temp.claims(:'token') ->> 'iat')::integer - extract(epoch FROM clock_timestamp())::integer), '<=', 60, 'iat is now, in whole seconds');
SELECT is((pg_temp.claims(:'token') ->> 'exp')::integer - (pg_temp.claims(:'token') ->> 'iat')::integer, 3600, 'exp is the issuer''s token_lifetime later');
SELECT matches(pg_temp.claims(:'token') ->> 'jti', '^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$', 'jti is a random UUID');
SELECT is((SELECT count(DISTINCT pg_temp.claims(jwt.issue('{}')) ->> 'jti') FROM generate_series(1, 1000)), 1000::bigint, '... another each time');
SELECT is(jwt.verify(:'token') ->> 'sub', 'alice', 'and it verifies');

SELECT is((SELECT (c ->> 'exp')::integer - (c ->> 'iat')::integer FROM pg_temp.claims(jwt.issue('{}', expires_in => '90 seconds')) AS c), 90, 'expires_in');
SELECT is((SELECT (c ->> 'exp')::integer - (c ->> 'iat')::integer FROM pg_temp.claims(jwt.issue('{}', expires_in => '1 month')) AS c), 2592000, 'expires_in: a month is 30 days');
SELECT throws_ok(format('SELECT jwt.issue(''{}'', expires_in => %L)', span), '22023', NULL, 'expires_in: ' || span)
FROM unnest(ARRAY['0', '-1 second', '102 years']) AS span;
UPDATE jwt.issuers SET token_lifetime = '5 minutes';
SELECT is((SELECT (c ->> 'exp')::integer - (c ->> 'iat')::integer FROM pg_temp.claims(jwt.issue('{}')) AS c), 300, 'token_lifetime is read anew when it changes');

SELECT is(pg_temp.claims(jwt.issue('{"jti": "mine", "iat": 1700000000}')) - 'exp', '{"iss": "https://one.test", "jti": "mine", "iat": 1700000000}'::jsonb,
          'jti and iat that are given stand');
SELECT is(pg_temp.claims(jwt.issue('{"iss": "https://one.test"}')) ->> 'iss', 'https://one.test', 'iss that is given must be the same');
SELECT throws_ok(format('SELECT jwt.issue(%L)', claims), state, NULL, 'refused: ' || claims)
FROM (VALUES ('{"iss": "https://two.test"}', 'JW014'), ('{"iss": "https://one.test/"}', 'JW014'), ('{"iss": null}', 'JW014'), ('{"iss": ["https://one.test"]}', 'JW014'),
             ('{"exp": 1900000000}', 'JW020'), ('{"exp": null}', 'JW020'), ('{"exp": "soon"}', 'JW020'), ('{"iat": "now"}', 'JW020'), ('{"nbf": "now"}', 'JW020'),
             ('[]', 'JW001'), ('"sub"', 'JW001'), ('1', 'JW001'), ('null', 'JW001')) AS v (claims, state);
SELECT is(jwt.issue(NULL), NULL, 'of null, null');
SELECT is(pg_temp.header(jwt.issue('{}', type => 'at+jwt')) ->> 'typ', 'at+jwt', 'type');
SELECT is(pg_temp.header(jwt.issue('{}', header => '{"cty": "x"}')) ->> 'cty', 'x', 'header');
SELECT throws_ok(format('SELECT jwt.issue(''{}'', header => %L)', header), 'JW001', NULL, 'header refused: ' || header)
FROM unnest(ARRAY['{"alg": "none"}', '{"alg": "HS256"}', '[]', '"x"', '{"alg": "ES256"}', '{"alg": null}', '{"kid": "another"}', '{"kid": null}']) AS header;
SELECT throws_ok(format('SELECT jwt.issue(''{}'', header => %L)', jsonb_build_object('kid', :'kid')), 'JW001', NULL, 'header refused: even the key''s own kid');
SELECT throws_ok('SELECT jwt.issue(''{}'', ''https://two.test'')', 'JW015', NULL, 'an issuer that is not there');
SELECT throws_ok('SELECT jwt.issue(''{}'', kid => ''nope'')', 'JW050', NULL, 'a kid that is not there');
SELECT throws_ok('SELECT jwt.issue(''{}'', kid => '''')', 'JW050', NULL, 'an empty kid');
UPDATE jwt.issuers SET enabled = false;
SELECT throws_ok('SELECT jwt.issue(''{}'')', 'JW015', NULL, 'an issuer that is not enabled issues nothing');
SELECT throws_ok(format('SELECT jwt.verify(%L)', :'token'), 'JW015', NULL, '... and verifies nothing');
SELECT is(jwt.jwks(i), '{"keys": []}'::jsonb, '... and publishes nothing' || coalesce(': ' || i, '')) FROM unnest('{NULL,https://one.test}'::text[]) AS i;
UPDATE jwt.issuers SET enabled = true;

-- ---------------------------------------------------------------------------
-- Several issuers, two algorithms of one

SELECT jwt.create_issuer('https://two.test', 'EdDSA', audience => '{api}') AS kid_two \gset
SELECT throws_ok('SELECT jwt.issue(''{}'')', '22023', 'more than one issuer has an active key', 'with two issuers one must be named');
SELECT is((jwt.check(jwt.issue('{}', 'https://two.test'))).error, 'token is for another audience', 'each on its own terms: an audience');
SELECT is((jwt.check(jwt.issue('{"aud": "api"}', 'https://two.test'))).valid, true, '... which is there');
SELECT throws_ok(format('SELECT jwt.issue(''{}'', ''https://one.test'', kid => %L)', :'kid_two'), 'JW050', NULL, 'another issuer''s kid is not its own');
SELECT throws_ok(format('SELECT jwt.verify(%L)', jwt.sign('{"iss": "https://one.test", "exp": 2000000000}', (SELECT private_jwk::jsonb FROM jwt.keys WHERE issuer = 'https://two.test' AND state = 'active'))),
                 'JW003', NULL, 'one issuer''s key does not sign for another');
SELECT throws_ok(format('SELECT jwt.verify(%L)', jwt.sign('{"iss": "https://one.test", "exp": 2000000000}', jwt.generate_key('ES256', kid => :'kid'))),
                 'JW007', NULL, 'nor does a stranger''s with the right kid');
DELETE FROM jwt.keys WHERE issuer = 'https://two.test';
SELECT is(pg_temp.claims(jwt.issue('{}')) ->> 'iss', 'https://one.test', 'an issuer without an active key is none to choose');
DELETE FROM jwt.issuers WHERE issuer = 'https://two.test';

SELECT is(jwt.rotate_key('https://one.test', 'PS256'), NULL, 'a key of a second algorithm is published first');
SELECT jwt.rotate_key('https://one.test', 'PS256') AS kid_rsa \gset
SELECT is(pg_temp.header(jwt.issue('{}')) ->> 'alg', 'PS256', 'of two algorithms the one activated last signs');
SELECT is(pg_temp.header(jwt.issue('{}', kid => :'kid')) ->> 'alg', 'ES256', '... unless a kid is named');
SELECT is((jwt.check(jwt.issue('{}', kid => k))).valid, true, 'both verify') FROM unnest(ARRAY[:'kid', :'kid_rsa']) AS k;
UPDATE jwt.issuers SET algorithms = '{ES256}';
SELECT is((jwt.check(jwt.issue('{}', kid => :'kid_rsa'))).valid, false, '... and the issuer''s row can allow one alone');
UPDATE jwt.issuers SET algorithms = NULL;

-- ---------------------------------------------------------------------------
-- import_key

SELECT jwt.generate_key('ES256', kid => 'mine') AS own_jwk \gset
SELECT is(jwt.import_key('https://one.test', :'own_jwk'), 'mine', 'import_key: a JWK keeps its kid');
SELECT is((SELECT state FROM jwt.keys WHERE kid = 'mine'), 'active', '... and is active');
SELECT is((SELECT state FROM jwt.keys WHERE kid = :'kid'), 'retired', '... in place of the one of its algorithm');
SELECT is((SELECT state FROM jwt.keys WHERE kid = :'kid_rsa'), 'active', '... and no other''s');
SELECT is(pg_temp.header(jwt.issue('{}')) ->> 'kid', 'mine', '... and signs');
SELECT is((jwt.check(:'token')).valid, true, '... and the other still verifies');
SELECT is(jwt.import_key('https://one.test', jwt.key_to_pem(jwt.generate_key('ES384')), kid => 'pem'), 'pem', 'import_key: PEM, with a kid');
SELECT is(pg_temp.header(jwt.issue('{}')), '{"alg": "ES384", "typ": "JWT", "kid": "pem"}'::jsonb, '... and signs');
SELECT jwt.generate_key('RS256') - 'kid' - 'alg' AS plain_jwk \gset
SELECT is(jwt.import_key('https://one.test', jwt.key_to_pem(:'plain_jwk'), 'RS512'), jwt.thumbprint(:'plain_jwk'), 'import_key: PEM without a kid has its thumbprint');
SELECT is(pg_temp.header(jwt.issue('{}')) ->> 'alg', 'RS512', '... and signs with the algorithm it was imported for');
SELECT is((jwt.check(jwt.issue('{}'))).valid, true, '... and verifies');
SELECT matches(jwt.import_key('https://one.test', repeat('x', 64), 'HS512'), '^[A-Za-z0-9_-]{22}$', 'import_key: a secret gets a random kid');
SELECT is(pg_temp.header(jwt.issue('{}')) ->> 'alg', 'HS512', '... and signs with the algorithm it was imported for');
SELECT is((jwt.check(jwt.issue('{}'))).valid, true, '... and verifies');
SELECT throws_ok(format('SELECT jwt.import_key(%L, %L, %L, %L)', issuer, key, algorithm, kid), state, NULL, 'import_key: ' || what)
FROM (VALUES ('https://one.test', :'own_jwk', NULL, NULL, '23505', 'a kid that is taken'),
             ('https://no.test', :'own_jwk', NULL, NULL, '23503', 'an issuer that is not there'),
             (NULL, :'own_jwk', NULL, NULL, '22004', 'no issuer'),
             ('https://one.test', NULL, NULL, NULL, '22004', 'no key'),
             ('https://one.test', '', NULL, NULL, 'JW033', 'an empty key'),
             ('https://one.test', :'own_jwk', NULL, '', '22023', 'an empty kid'),
             ('https://one.test', jwt.generate_key('ES256', kid => '')::text, NULL, NULL, '22023', 'an empty kid of its own'),
             ('https://one.test', jwt.public_key(:'own_jwk')::text, NULL, 'x', 'JW038', 'a public JWK'),
             ('https://one.test', jwt.key_to_pem(jwt.public_key(:'own_jwk')), NULL, 'x', 'JW038', 'a public PEM key'),
             ('https://one.test', :'own_jwk', 'ES384', 'x', 'JW036', 'a curve of another algorithm'),
             ('https://one.test', :'own_jwk', 'HS256', 'x', 'JW036', 'an EC key for HS256'),
             ('https://one.test', repeat('x', 64), 'ES256', 'x', 'JW036', 'a secret for ES256'),
             ('https://one.test', repeat('x', 31), NULL, 'x', 'JW033', 'a short secret'),
             ('https://one.test', repeat('x', 63), 'HS512', 'x', 'JW033', 'a secret too short for HS512'),
             ('https://one.test', jwt.generate_key('RSA-OAEP-256')::text, NULL, 'x', 'JW036', 'a key for encryption'),
             ('https://one.test', :'own_jwk', 'none', 'x', 'JW002', 'algorithm none'),
             ('https://one.test', '{"kty": "EC"}', NULL, 'x', 'JW030', 'half a JWK')) AS v (issuer, key, algorithm, kid, state, what);

-- ---------------------------------------------------------------------------
-- jwks

SELECT is((SELECT count(*) FROM jsonb_array_elements(jwt.jwks() -> 'keys')), (SELECT count(*) FROM jwt.keys WHERE public_jwk IS NOT NULL), 'jwks has every key but shared secrets');
SELECT is((SELECT count(DISTINCT k ->> 'kid') FROM jsonb_array_elements(jwt.jwks() -> 'keys') AS k), (SELECT count(*) FROM jsonb_array_elements(jwt.jwks() -> 'keys')), '... each with a kid of its own');
SELECT ok(NOT jsonb_path_exists(jwt.jwks(), '$.keys.** ? (exists(@.d) || exists(@.p) || exists(@.q) || exists(@.dp) || exists(@.dq) || exists(@.qi) || exists(@.oth) || exists(@.k))'),
          '... and no private member');
SELECT is(jwt.jwks()::text ~ ('"(d|p|q|dp|dq|qi|oth|k)":'), false, '... nor in its text');
SELECT is(jwt.is_public_jwks(jwt.jwks()), true, '... as is_public_jwks sees it');
SELECT is((SELECT bool_and(public_jwk::text ~ '"(d|p|q|dp|dq|qi|oth|k)":') FROM jwt.keys WHERE public_jwk IS NOT NULL), false, 'nor has the column');
SELECT is((SELECT bool_and(strpos(jwt.jwks()::text, member.value) = 0)
           FROM jwt.keys AS k, jsonb_each_text(k.private_jwk::jsonb) AS member
           WHERE member.key IN ('d', 'p', 'q', 'dp', 'dq', 'qi', 'k')), true, '... nor a value of one, in the whole text');
SELECT ok((SELECT count(*) >= 8 FROM jwt.keys AS k, jsonb_each_text(k.private_jwk::jsonb) AS member WHERE member.key IN ('d', 'p', 'q', 'dp', 'dq', 'qi', 'k')),
          '... of which there are some to look for');
SELECT jwt.create_issuer('https://two.test') AS kid_two \gset
SELECT is(jwt.jwks('https://two.test') #>> '{keys,0,kid}', :'kid_two', 'jwks of one issuer has its keys');
SELECT is(jsonb_array_length(jwt.jwks('https://two.test') -> 'keys'), 2, '... and the next, alone');
SELECT is(jwt.jwks('https://no.test'), '{"keys": []}'::jsonb, 'jwks of none has none');
SELECT is(jwt.verify(jwt.issue('{}', 'https://two.test'), jwt.jwks()) ->> 'iss', 'https://two.test', 'a client verifies with what is published');
DELETE FROM jwt.issuers WHERE issuer = 'https://two.test';

-- Retired keys are published no longer than they verify, whether or not somebody rotates.
SELECT jwt.create_issuer('https://two.test', token_lifetime => '1 month') AS kid_two \gset
SELECT jwt.issue('{}', 'https://two.test') AS token_two \gset
SELECT jwt.rotate_key('https://two.test') IS NULL AS unused \gset
CREATE FUNCTION pg_temp.retired_for(span interval) RETURNS text LANGUAGE sql AS $$
    UPDATE jwt.keys SET retired_at = clock_timestamp() - span WHERE issuer = 'https://two.test' AND state = 'retired';
    SELECT count(*) || ' keys' FROM jsonb_array_elements(jwt.jwks('https://two.test') -> 'keys')
$$;
SELECT is(pg_temp.retired_for('720 hours'), '3 keys', 'jwks: a retired key within token_lifetime and leeway');
SELECT is((jwt.check(:'token_two')).valid, true, '... which verifies');
SELECT is(pg_temp.retired_for('720 hours 11 seconds'), '2 keys', 'jwks: after them');
SELECT is((jwt.check(:'token_two')).valid, false, '... when it does not');
SELECT is((SELECT state FROM jwt.keys WHERE kid = :'kid_two'), 'retired', '... though nobody has rotated');
DELETE FROM jwt.issuers WHERE issuer = 'https://two.test';

-- Keys that did not say so themselves are bound to what they were imported for.
SELECT is((SELECT public_jwk - 'n' FROM jwt.keys WHERE kid = jwt.thumbprint(:'plain_jwk')),
          jsonb_build_object('kty', 'RSA', 'e', 'AQAB', 'kid', jwt.thumbprint(:'plain_jwk'), 'alg', 'RS512', 'use', 'sig'), 'an imported key is published with its alg and use');
SELECT is((jwt.check(jwt.sign('{"iss": "https://one.test"}', :'plain_jwk'::jsonb, algorithm, expires_in => '1 hour'))).valid, algorithm = 'RS512', '... and verifies it alone: ' || algorithm)
FROM unnest(ARRAY['RS256', 'RS384', 'RS512', 'PS512']) AS algorithm;
UPDATE jwt.keys SET public_jwk = public_jwk - 'alg' WHERE kid = jwt.thumbprint(:'plain_jwk');
SELECT is((jwt.check(jwt.sign('{"iss": "https://one.test"}', :'plain_jwk'::jsonb, algorithm, expires_in => '1 hour'))).valid, algorithm = 'RS512', '... a row by hand too: ' || algorithm)
FROM unnest(ARRAY['RS256', 'RS512']) AS algorithm;
SELECT is((jwt.check(jwt.sign('{"iss": "https://one.test"}', repeat('x', 64), algorithm, expires_in => '1 hour'))).valid, algorithm = 'HS512', 'a secret likewise: ' || algorithm)
FROM unnest(ARRAY['HS256', 'HS512']) AS algorithm;

-- ---------------------------------------------------------------------------
-- trust_issuer

SELECT jwt.generate_key('ES256', kid => 'theirs') AS their_jwk \gset
SELECT lives_ok(format('SELECT jwt.trust_issuer(''https://foreign.test'', jwks => jsonb_build_object(''keys'', jsonb_build_array(jwt.public_key(%L))))', :'their_jwk'), 'trust_issuer: a JWKS');
SELECT jwt.sign('{"iss": "https://foreign.test", "sub": "carol"}', :'their_jwk'::jsonb, expires_in => '1 hour') AS theirs \gset
SELECT is((jwt.check(:'theirs')).valid, true, '... whose tokens verify');
SELECT throws_ok('SELECT jwt.issue(''{}'', ''https://foreign.test'')', 'JW050', NULL, '... and nothing is issued in its name');
SELECT throws_ok(format('SELECT jwt.rotate_key(''https://foreign.test''%s)', algorithm), 'JW050', 'issuer''s keys are another''s', '... nor is a key made for that' || algorithm)
FROM unnest('{"",", ''ES256''"}'::text[]) AS algorithm;
SELECT is(jwt.jwks('https://foreign.test'), '{"keys": []}'::jsonb, '... nor published');
SELECT lives_ok(format('SELECT jwt.trust_issuer(''https://foreign.test'', jwks => jwt.public_key(%L), audience => ''{api}'')', :'their_jwk'), 'trust_issuer: again, a JWK, with an audience');
SELECT is((jwt.check(:'theirs')).error, 'token is for another audience', '... and the new terms count');
SELECT lives_ok(format('SELECT jwt.trust_issuer(''https://foreign.test'', jwks => jwt.public_key(%L))', jwt.generate_key('ES256', kid => 'theirs')), 'trust_issuer: again, with another key');
SELECT is((jwt.check(:'theirs')).error, 'token''s signature is not valid', '... and the old one is trusted no more');
SELECT lives_ok('SELECT jwt.trust_issuer(''https://shared.test'', secret => repeat(''s'', 32))', 'trust_issuer: a shared secret');
SELECT is((jwt.check(jwt.sign('{"iss": "https://shared.test"}', repeat('s', 32), expires_in => '1 hour'))).valid, true, '... whose tokens verify');
SELECT is((jwt.check(jwt.sign('{"iss": "https://shared.test"}', repeat('t', 32), expires_in => '1 hour'))).valid, false, '... and those of another do not');
SELECT is(jwt.jwks('https://shared.test'), '{"keys": []}'::jsonb, '... and it is not published');
SELECT is(own, false, '... and it is not ours') FROM jwt.issuers WHERE issuer = 'https://shared.test';

-- In the name of an issuer whose secret we share we do not speak.
SELECT throws_ok('SELECT jwt.issue(''{}'', ''https://shared.test'')', 'JW050', NULL, 'a shared secret of another issuer signs nothing');
SELECT throws_ok(format('SELECT jwt.issue(''{}'', ''https://shared.test'', kid => %L)', kid), 'JW050', NULL, '... nor by its kid')
FROM jwt.keys WHERE issuer = 'https://shared.test';
SELECT is(pg_temp.claims(jwt.issue('{}')) ->> 'iss', 'https://one.test', '... and without an issuer our own signs');
SELECT throws_ok(format('SELECT jwt.rotate_key(''https://shared.test''%s)', algorithm), 'JW050', message, 'rotate_key: another''s secret' || algorithm)
FROM (VALUES ('', 'issuer''s keys are another''s'), (', ''ES256''', 'issuer''s keys are another''s'), (', ''HS256''', 'another issuer''s shared secret is not ours to rotate')) AS v (algorithm, message);
SAVEPOINT shared;
DELETE FROM jwt.issuers WHERE issuer NOT IN ('https://shared.test', 'https://shared512.test');
SELECT throws_ok('SELECT jwt.issue(''{}'')', 'JW050', NULL, 'with foreign secrets alone nothing signs');
SELECT jwt.create_issuer('https://hs.test', 'HS256') IS NULL AS unused \gset
SELECT is(pg_temp.claims(jwt.issue('{}')) ->> 'iss', 'https://hs.test', '... but with a secret of our own');
SELECT is((jwt.check(jwt.issue('{}', 'https://hs.test'))).valid, true, '... whose tokens verify');
UPDATE jwt.issuers SET own = true WHERE issuer = 'https://shared.test';
SELECT is((jwt.check(jwt.issue('{}', 'https://shared.test'))).valid, true, 'an issuer that is declared our own signs');
UPDATE jwt.issuers SET own = false WHERE issuer = 'https://shared.test';
SELECT jwt.import_key('https://shared.test', jwt.generate_key('ES256')::text) IS NULL AS unused \gset
SELECT is(pg_temp.header(jwt.issue('{}', 'https://shared.test')) ->> 'alg', 'ES256', '... and one whose key pair we have, with that');
ROLLBACK TO shared;
SELECT lives_ok('SELECT jwt.trust_issuer(''https://shared512.test'', secret => repeat(''s'', 64), algorithms => ''{HS512}'')', 'trust_issuer: a shared secret for HS512');
SELECT is((jwt.check(jwt.sign('{"iss": "https://shared512.test"}', repeat('s', 64), algorithm, expires_in => '1 hour'))).valid, algorithm = 'HS512', '... ' || algorithm)
FROM unnest(ARRAY['HS256', 'HS384', 'HS512']) AS algorithm;
SELECT throws_ok(format('SELECT jwt.trust_issuer(''https://x.test'', %s)', arguments), state, NULL, 'trust_issuer(' || arguments || ')')
FROM (VALUES ('NULL', '22023'), ('secret => NULL', '22023'), ('jwks => ''{"keys": []}'', secret => repeat(''s'', 32)', '22023'),
             ('secret => repeat(''s'', 64), algorithms => ''{HS256,HS512}''', '22023'),
             ('secret => ''short''', 'JW033'), ('jwks => ''{}''', '22023'), ('jwks => ''[]''', '22023'),
             ('jwks => jwt.generate_key(''ES256'')', '22023'), ('jwks => jwt.generate_key(''HS256'')', '22023'),
             ('jwks => ''{"keys": []}'', algorithms => ''{none}''', '23514'), ('jwks => ''{"keys": []}'', algorithms => ''{RSA-OAEP}''', '23514'),
             ('jwks => ''{"keys": []}'', algorithms => ''{}''', '23514'), ('jwks => ''{"keys": []}'', algorithms => ''{NULL}''', '23514'),
             ('jwks => ''{"keys": []}'', audience => ''{}''', '23514'), ('jwks => ''{"keys": []}'', type => ''''', '23514'),
             ('jwks => ''{"keys": []}'', leeway => ''-1 s''', '23514'), ('jwks => ''{"keys": []}'', leeway => ''11 minutes''', '23514'),
             ('jwks => ''{"keys": []}'', roles_claim => ''{}''', '23514'), ('jwks => ''{"keys": []}'', required_claims => ''{NULL}''', '23514')) AS v (arguments, state);

-- A private key given where a public one belongs must not be shown to whoever reads the error or the log.
CREATE FUNCTION pg_temp.error_of(command text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    message text;
    detail text;
    context text;
BEGIN
    EXECUTE command;
    RETURN 'none';
EXCEPTION WHEN OTHERS THEN
    GET STACKED DIAGNOSTICS message = MESSAGE_TEXT, detail = PG_EXCEPTION_DETAIL, context = PG_EXCEPTION_CONTEXT;
    RETURN message || ' ' || detail || ' ' || context;
END
$$;
SELECT is(strpos(pg_temp.error_of($$SELECT jwt.trust_issuer('https://x.test', jwks => (SELECT private_jwk::jsonb FROM jwt.keys WHERE kid = 'mine'))$$),
                 :'own_jwk'::jsonb ->> 'd'), 0, 'the error about a private key in a JWKS does not show it');
SELECT is(strpos(pg_temp.error_of($$SELECT jwt.import_key('https://one.test', (SELECT private_jwk FROM jwt.keys WHERE kid = 'mine'), kid => '')$$),
                 left(:'own_jwk'::jsonb ->> 'd', 20)), 0, 'nor does that about an empty kid');

-- ---------------------------------------------------------------------------
-- What the tables hold to by themselves

SELECT throws_ok(command, state, NULL, 'refused: ' || what)
FROM (VALUES ('INSERT INTO jwt.keys (issuer, kid, algorithm, state, private_jwk) VALUES (''https://one.test'', ''a'', ''ES256'', ''active'', ''{}'')', '23505', 'a second active key of one algorithm'),
             ('INSERT INTO jwt.keys (issuer, kid, algorithm, state, private_jwk) VALUES (''https://one.test'', ''a'', ''none'', ''retired'', ''{}'')', '23514', 'an algorithm that is none'),
             ('INSERT INTO jwt.keys (issuer, kid, algorithm, state) VALUES (''https://one.test'', ''a'', ''ES512'', ''active'')', '23514', 'an active key without its private half'),
             ('INSERT INTO jwt.keys (issuer, kid, algorithm, state, private_jwk) VALUES (''https://one.test'', ''a'', ''ES512'', ''removed'', ''{}'')', '23514', 'a removed key with it'),
             ('INSERT INTO jwt.keys (issuer, kid, algorithm, state, private_jwk) VALUES (''https://one.test'', ''a'', ''ES512'', ''dormant'', ''{}'')', '23514', 'a state there is not'))
     AS v (command, state, what);

-- What they refuse they do not show: for each constraint a row that breaks it, and it alone.
-- (The context may quote the statement, which is the caller's own.)
CREATE FUNCTION pg_temp.quiet(command text) RETURNS boolean LANGUAGE plpgsql AS $$
DECLARE
    message text;
    detail text;
BEGIN
    EXECUTE command;
    RETURN NULL;
EXCEPTION WHEN OTHERS THEN
    GET STACKED DIAGNOSTICS message = MESSAGE_TEXT, detail = PG_EXCEPTION_DETAIL;
    RETURN strpos(message || detail, 'xoxo') = 0;
END
$$;
SELECT is(pg_temp.quiet(format('INSERT INTO jwt.keys (issuer, kid, algorithm, state, private_jwk, %s) VALUES (%s, ''{"kty":"oct","k":"xoxoxo"}'', %s)', more, row, value)),
          true, 'not shown: ' || what)
FROM (VALUES ('activated_at', '''https://one.test'', ''a'', ''ES256'', ''active''', 'NULL', 'a second active key'),
             ('activated_at', 'NULL, ''a'', ''ES512'', ''active''', 'NULL', 'no issuer'),
             ('activated_at', '''https://nobody.test'', ''a'', ''ES512'', ''active''', 'NULL', 'an unknown issuer'),
             ('activated_at', '''https://one.test'', NULL, ''ES512'', ''active''', 'NULL', 'no kid'),
             ('activated_at', '''https://one.test'', '''', ''ES512'', ''active''', 'NULL', 'an empty kid'),
             ('activated_at', '''https://one.test'', ''mine'', ''ES512'', ''active''', 'NULL', 'a kid that is taken'),
             ('activated_at', '''https://one.test'', ''a'', NULL, ''active''', 'NULL', 'no algorithm'),
             ('activated_at', '''https://one.test'', ''a'', ''none'', ''active''', 'NULL', 'an algorithm that is none'),
             ('activated_at', '''https://one.test'', ''a'', ''ES512'', NULL', 'NULL', 'no state'),
             ('activated_at', '''https://one.test'', ''a'', ''ES512'', ''dormant''', 'NULL', 'a state there is not'),
             ('activated_at', '''https://one.test'', ''a'', ''ES512'', ''removed''', 'NULL', 'a removed key with its private half'),
             ('created_at', '''https://one.test'', ''a'', ''ES512'', ''active''', 'NULL', 'no time'),
             ('public_jwk', '''https://one.test'', ''a'', ''HS512'', ''retired''', '''{"kty":"oct","k":"xoxo"}''', 'a private key in public_jwk')) AS v (more, row, value, what);
SELECT is((SELECT count(*) FROM pg_constraint WHERE conrelid = 'jwt.keys'::regclass AND contype = 'c'), 6::bigint, '... which are all its CHECKs, and one that takes a missing private half');
SELECT is(pg_temp.quiet('UPDATE jwt.keys SET private_jwk = ''xoxo'', state = ''removed'' WHERE kid = ''mine'''), true, 'not shown: UPDATE of jwt.keys');
SELECT is(pg_temp.quiet(format('INSERT INTO jwt.issuers (issuer, jwks) VALUES (''https://x.test'', %L)', jwks)), true, 'not shown: jwt.issuers, ' || jwks)
FROM unnest(ARRAY['{"kty":"oct","k":"xoxo"}', '{"keys":[{"kty":"oct","k":"xoxo"}]}', '{"k":"xoxo"}', '"xoxo"']) AS jwks;
SELECT is(pg_temp.quiet('UPDATE jwt.issuers SET jwks = ''{"kty":"oct","k":"xoxo"}'''), true, 'not shown: UPDATE of jwt.issuers');
SELECT throws_ok('INSERT INTO jwt.issuers (issuer, jwks) VALUES (''https://x.test'', ''{"kty":"oct","k":"xoxo"}'')', '23514', 'jwks is not a JWK or JWKS of public keys', '... but what is wrong is said');

-- its SQLSTATE is another since PostgreSQL 18
SELECT throws_like('UPDATE jwt.issuers SET issuer = ''https://renamed.test'' WHERE issuer = ''https://one.test''',
                   '%violates%foreign key constraint%', 'refused: another name for an issuer with keys');
DELETE FROM jwt.issuers WHERE issuer = 'https://one.test';
SELECT is((SELECT count(*) FROM jwt.keys WHERE issuer = 'https://one.test'), 0::bigint, 'an issuer takes its keys along');
SELECT is((jwt.check(:'token')).error, 'token''s issuer is not trusted', '... and its tokens are worth nothing');

-- ---------------------------------------------------------------------------
-- Who may do what

CREATE ROLE regress_jwt_app;
CREATE ROLE regress_jwt_other;
SELECT jwt.create_issuer('https://one.test') AS kid \gset
GRANT EXECUTE ON FUNCTION jwt.issue TO regress_jwt_app;

CREATE FUNCTION pg_temp.try_as(somebody name, command text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    answer text;
BEGIN
    EXECUTE format('SET LOCAL SESSION AUTHORIZATION %I', somebody);
    EXECUTE command INTO answer;
    SET LOCAL SESSION AUTHORIZATION DEFAULT;
    RETURN coalesce(answer, 'null');
EXCEPTION WHEN OTHERS THEN
    RETURN SQLSTATE;
END
$$;

SELECT is(pg_temp.try_as('regress_jwt_other', command), '42501', 'nobody but the owner: ' || command)
FROM unnest(ARRAY['SELECT jwt.issue(''{}'')', 'SELECT jwt.create_issuer(''https://x.test'')', 'SELECT jwt.trust_issuer(''https://x.test'', secret => repeat(''s'', 32))',
                  'SELECT jwt.import_key(''https://one.test'', repeat(''s'', 32))', 'SELECT jwt.rotate_key(''https://one.test'')',
                  'SELECT jwt.revoke_key(''https://one.test'', ''x'')', 'SELECT jwt.reseal_keys()', 'SELECT jwt.reseal(''a'', ''b'', ''{}'')',
                  'SELECT jwt.retire_active_key(''https://one.test'', ''ES256'')', 'SELECT jwt.remove_expired_keys(''https://one.test'')',
                  'SELECT jwt.make_stored_key(''a'', ''ES256'', NULL)', 'SELECT jwt.prepare_stored_key(''a'', repeat(''s'', 32), NULL, NULL)',
                  'SELECT private_jwk FROM jwt.keys', 'SELECT kid FROM jwt.keys', 'SELECT count(*) FROM jwt.keys', 'SELECT issuer FROM jwt.issuers', 'COPY jwt.keys TO PROGRAM ''cat''',
                  'INSERT INTO jwt.issuers (issuer) VALUES (''https://x.test'')', 'UPDATE jwt.keys SET state = ''retired''', 'DELETE FROM jwt.keys', 'TRUNCATE jwt.keys',
                  'LOCK TABLE jwt.keys', 'CREATE TRIGGER t AFTER UPDATE ON jwt.keys EXECUTE FUNCTION jwt.invalidate_trust()',
                  'ALTER TABLE jwt.keys DISABLE TRIGGER invalidate_trust', 'CREATE TABLE jwt.t ()']) AS command;
SELECT is(pg_temp.try_as('regress_jwt_other', 'SELECT jwt.jwks(''https://one.test'') #>> ''{keys,0,kid}'''), :'kid', 'everybody: jwks');
SELECT is(pg_temp.try_as('regress_jwt_other', format('SELECT (jwt.check(%L)).valid', jwt.issue('{}', 'https://one.test'))), 'true', 'everybody: check against jwt.issuers');
SELECT is(pg_temp.try_as('regress_jwt_other', 'SELECT count(*) FROM jwt.cache_stats()'), '3', 'everybody: cache_stats');

SELECT is((jwt.check(pg_temp.try_as('regress_jwt_app', 'SELECT jwt.issue(''{"sub": "alice"}'', ''https://one.test'')'))).claims ->> 'sub', 'alice', 'EXECUTE on jwt.issue is enough to issue');
SELECT is(pg_temp.try_as('regress_jwt_app', command), '42501', '... and gives no key: ' || command)
FROM unnest(ARRAY['SELECT private_jwk FROM jwt.keys', 'SELECT public_jwk FROM jwt.keys', 'SELECT jwt.rotate_key(''https://one.test'')',
                  'SELECT jwt.reseal(''https://one.test'', ''x'', ''{}'')', 'SELECT jwt.create_issuer(''https://x.test'')']) AS command;
SELECT is(strpos(pg_temp.try_as('regress_jwt_app', 'SELECT jwt.issue(''{"sub": "alice"}'', ''https://one.test'')'),
                 (SELECT private_jwk::jsonb ->> 'd' FROM jwt.keys WHERE kid = :'kid')), 0, '... not in the token either');

-- ---------------------------------------------------------------------------

SELECT * FROM finish();
ROLLBACK;
