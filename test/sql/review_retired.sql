\i test/tap.psql
-- What a key that no longer signs may still do, and what trusting an issuer
-- again leaves alone.
BEGIN;
SELECT plan(13);

SELECT jwt.create_issuer('https://retired.example', token_lifetime => '1 minute') AS kid \gset
SELECT jwt.issue('{}', 'https://retired.example', expires_in => '1 day') AS token \gset
SELECT jwt.rotate_key('https://retired.example') \g /dev/null
SELECT is((SELECT valid FROM jwt.check(:'token')), true, 'a retired key verifies');
UPDATE jwt.keys SET retired_at = now() - interval '2 minutes' WHERE kid = :'kid';
SELECT is((SELECT error FROM jwt.check(:'token')), 'no key for the token', 'until the tokens it signed have had their lifetime');

-- The same while a backend remembers the issuer: its memory ends with the key.
UPDATE jwt.issuers SET leeway = '0' WHERE issuer = 'https://retired.example';
UPDATE jwt.keys SET retired_at = clock_timestamp() WHERE kid = :'kid';
SELECT jwt.set_session(:'token') \g /dev/null
UPDATE jwt.keys SET retired_at = clock_timestamp() - interval '58.5 seconds' WHERE kid = :'kid';
SELECT is((SELECT valid FROM jwt.check(:'token')), true, 'a moment before');
SELECT lives_ok('SELECT jwt.claims()', 'a session set earlier stands as well');
SELECT pg_sleep(2) \g /dev/null
SELECT is((SELECT error FROM jwt.check(:'token')), 'no key for the token', 'and after it, without a change in the tables');
SELECT throws_ok('SELECT jwt.claims()', 'JW042', NULL, 'nor does the session outlive the key');
UPDATE jwt.keys SET retired_at = clock_timestamp() - interval '58.5 seconds' WHERE kid = :'kid';
SELECT jwt.set_session(:'token') \g /dev/null
SELECT is(jwt.issuer(), 'https://retired.example', 'a session set while nothing changes any more');
SELECT pg_sleep(2) \g /dev/null
SELECT throws_ok('SELECT jwt.issuer()', 'JW042', NULL, 'ends with the key too');

-- A job that fetches a foreign issuer's keys calls trust_issuer again and again.
SELECT jwt.trust_issuer('https://foreign.example', jwks => '{"keys": []}', audience => '{api}', algorithms => '{ES256}', leeway => '5 seconds') \g /dev/null
UPDATE jwt.issuers SET enabled = false WHERE issuer = 'https://foreign.example';
SELECT jwt.trust_issuer('https://foreign.example', jwks => jwt.jwks('https://retired.example')) \g /dev/null
SELECT is(enabled, false, 'a disabled issuer stays so') FROM jwt.issuers WHERE issuer = 'https://foreign.example';
SELECT is(audience, '{api}', 'its audience stays') FROM jwt.issuers WHERE issuer = 'https://foreign.example';
SELECT is(algorithms, '{ES256}', 'its algorithms stay') FROM jwt.issuers WHERE issuer = 'https://foreign.example';
SELECT is(leeway, '5 seconds', 'its leeway stays') FROM jwt.issuers WHERE issuer = 'https://foreign.example';
SELECT isnt(jwks, '{"keys": []}', 'its keys are the new ones') FROM jwt.issuers WHERE issuer = 'https://foreign.example';

SELECT * FROM finish();
ROLLBACK;
