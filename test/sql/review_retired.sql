\i test/tap.psql
-- What a key that no longer signs may still do, and what trusting an issuer
-- again leaves alone.
BEGIN;
SELECT plan(21);

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

-- Log-ins go by the same end, whatever month it is: a month has 30 days, as in C.
SELECT is(jwt.seconds(span), seconds, 'seconds of ' || span)
FROM (VALUES ('1 month'::interval, 2592000.0), ('1 year', 31104000), ('1 mon -30 days', 0), ('-1 mon', -2592000), ('2 years 3 mons 4 days 05:06:07.5', 70347967.5)) AS v (span, seconds);
SELECT jwt.create_issuer('https://months.example', token_lifetime => '1 year 1 month') \g /dev/null
SELECT jwt.rotate_key('https://months.example') \g /dev/null
UPDATE jwt.issuers SET leeway = '0' WHERE issuer = 'https://months.example';
UPDATE jwt.keys SET retired_at = clock_timestamp() - interval '9359:59:00' WHERE issuer = 'https://months.example' AND state = 'retired';
SELECT is((key ->> 'exp')::numeric - floor(extract(epoch FROM clock_timestamp())) BETWEEN 50 AND 60, true, 'the trust file lets a retired key verify for 390 days')
FROM jsonb_array_elements(jwt.trust_document() -> 'issuers') AS i, jsonb_array_elements(i -> 'keys') AS key WHERE i ->> 'issuer' = 'https://months.example' AND key ? 'exp';
SELECT is(jsonb_array_length(jwt.jwks('https://months.example') -> 'keys'), 3, 'and it is published as long');
UPDATE jwt.keys SET retired_at = retired_at - interval '61 seconds' WHERE issuer = 'https://months.example' AND state = 'retired';
SELECT is(jsonb_array_length(jwt.jwks('https://months.example') -> 'keys'), 2, '... and no longer');

SELECT * FROM finish();
ROLLBACK;
