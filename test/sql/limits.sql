\i test/tap.psql
-- What takes long can be stopped, what is too large or too deep is refused fast,
-- and the backend lives.
\set VERBOSITY sqlstate
BEGIN;
\i test/forge.psql
SELECT no_plan();
SELECT pg_backend_pid() AS pid \gset

-- ---------------------------------------------------------------------------
-- statement_timeout, and with it cancelling, which comes the same way, in the
-- middle of making a key: an RSA key of 4096 bits takes a second or more

SAVEPOINT fresh;
SET LOCAL statement_timeout = '10ms';
SELECT clock_timestamp() AS started \gset
SELECT jwt.generate_key('RS256', 4096);
ROLLBACK TO fresh;
SELECT is(:'LAST_ERROR_SQLSTATE'::text, '57014', 'a key of 4096 bits, stopped after 10 ms');
SELECT ok(clock_timestamp() - :'started'::timestamptz < interval '5 seconds', 'soon');
SAVEPOINT fresh;
SET LOCAL statement_timeout = '1ms';
SELECT clock_timestamp() AS started \gset
SELECT jwt.generate_key('RS256', 4096);
ROLLBACK TO fresh;
SAVEPOINT fresh;
SET LOCAL statement_timeout = '2ms';
SELECT jwt.generate_key('RS256', 4096);
ROLLBACK TO fresh;
SAVEPOINT fresh;
SET LOCAL statement_timeout = '5ms';
SELECT jwt.generate_key('PS512', 4096);
ROLLBACK TO fresh;
SAVEPOINT fresh;
SET LOCAL statement_timeout = '20ms';
SELECT jwt.create_issuer('https://a.example', 'RS256', bits => 4096);
ROLLBACK TO fresh;
SELECT is(:'LAST_ERROR_SQLSTATE'::text, '57014', 'and once more, and through jwt.create_issuer');
SELECT is(count(*), 0::bigint, 'which leaves no issuer behind') FROM jwt.issuers WHERE issuer = 'https://a.example';
SELECT ok(clock_timestamp() - :'started'::timestamptz < interval '10 seconds', 'soon');
-- An exception block does not swallow it
SAVEPOINT fresh;
SET LOCAL statement_timeout = '10ms';
DO $$
BEGIN
    PERFORM jwt.generate_key('RS256', 4096);
EXCEPTION WHEN OTHERS THEN
    NULL;
END
$$;
ROLLBACK TO fresh;
SELECT is(:'LAST_ERROR_SQLSTATE'::text, '57014', 'a block that catches all errors is stopped too');
SELECT is(jwt.verify(jwt.sign('{"n": 1}', k), jwt.public_key(k)), '{"n": 1}', 'a key is made as ever') FROM jwt.generate_key('RS256') AS k;

-- PBES2: one password costs at most a million rounds, and between two of them the
-- statement ends
SELECT jwt.jwe_encrypt('x', '{"kty":"oct","k":"c2VjcmV0"}', '{"alg":"PBES2-HS512+A256KW","p2c":1000000}') AS slow \gset
SAVEPOINT fresh;
SET LOCAL statement_timeout = '100ms';
SELECT clock_timestamp() AS started \gset
SELECT count(jwt.jwe_decrypt(:'slow', '{"kty":"oct","k":"c2VjcmV0"}', '{PBES2-HS512+A256KW}')) FROM generate_series(1, 10000);
ROLLBACK TO fresh;
SELECT is(:'LAST_ERROR_SQLSTATE'::text, '57014', 'passwords tried one after another are stopped');
SELECT ok(clock_timestamp() - :'started'::timestamptz < interval '10 seconds', 'soon');

-- Several passwords for one token: in all two million rounds at most, and the
-- statement ends between two of them
CREATE FUNCTION passwords(VARIADIC words text[]) RETURNS jsonb LANGUAGE sql AS $$
    SELECT jsonb_build_object('keys', jsonb_agg(jsonb_build_object('kty', 'oct', 'k', b64(word)) ORDER BY n)) FROM unnest(words) WITH ORDINALITY AS w (word, n)
$$;
CREATE FUNCTION opens(count integer, VARIADIC words text[]) RETURNS text LANGUAGE sql AS $$
    SELECT coalesce((refusal(format('SELECT jwt.jwe_decrypt(%L, %L, ''{PBES2-HS256+A128KW}'')',
        jwt.jwe_encrypt('x', '{"kty":"oct","k":"c2VjcmV0"}', jsonb_build_object('alg', 'PBES2-HS256+A128KW', 'p2c', count)), passwords(VARIADIC words)))).code, 'opened')
$$;
SELECT is(opens(600000, 'a', 'b', 'secret'), 'opened', 'of 600,000 rounds three passwords are tried');
SELECT is(opens(600000, 'a', 'b', 'c', 'secret'), 'JW008', '... and no fourth');
SELECT is(opens(1000000, 'a', 'secret'), 'opened', 'of a million, two');
SELECT is(opens(1000000, 'a', 'b', 'secret'), 'JW008', '... and no third');
SELECT is(opens(1000, 'a', 'b', 'c', 'd', 'e', 'f', 'g', 'secret'), 'opened', 'of a thousand, eight as of any key');
SELECT is(opens(1000, 'a', 'b', 'c', 'd', 'e', 'f', 'g', 'h', 'secret'), 'JW008', '... and no ninth');
SAVEPOINT fresh;
SET LOCAL statement_timeout = '50ms';
SELECT jwt.jwe_decrypt(:'slow', passwords('a', 'b'), '{PBES2-HS512+A256KW}');
ROLLBACK TO fresh;
SELECT is(:'LAST_ERROR_SQLSTATE'::text, '57014', 'passwords tried for one token are stopped too');

-- 64 RSA keys that come without their primes, which are looked for: of 8192 bits
-- that is twenty seconds, here with 2048 it is less
CREATE FUNCTION rsa_keys(name text) RETURNS jsonb LANGUAGE sql STABLE AS $$
    SELECT jsonb_build_object('keys', jsonb_agg(rfc_key('RFC 7515 A.2') - '{p,q,dp,dq,qi}'::text[] || jsonb_build_object('kid', name || i))) FROM generate_series(1, 64) AS i
$$;
SELECT rsa_keys('a') AS a, rsa_keys('b') AS b, rsa_keys('c') AS c \gset
SELECT clock_timestamp() AS started \gset
SELECT (jwt.check('a.b.c', :'a'::jsonb)).valid, clock_timestamp() - :'started' AS whole \gset
SAVEPOINT fresh;
SET LOCAL statement_timeout = '1ms';
SELECT clock_timestamp() AS started \gset
SELECT jwt.check('a.b.c', :'b'::jsonb);
ROLLBACK TO fresh;
SELECT is(:'LAST_ERROR_SQLSTATE'::text, '57014', 'a set of keys whose primes are looked for is stopped, by jwt.check too');
SELECT ok(clock_timestamp() - :'started'::timestamptz < :'whole'::interval / 2, '... in the midst of them');
SAVEPOINT fresh;
SET LOCAL statement_timeout = '1ms';
SELECT jwt.explain('a.b.c', :'c'::text);
ROLLBACK TO fresh;
SELECT is(:'LAST_ERROR_SQLSTATE'::text, '57014', 'and by jwt.explain, as text');

-- Verifying many tokens
SAVEPOINT fresh;
SET LOCAL statement_timeout = '100ms';
SELECT count(jwt.verify(jwt.sign(jsonb_build_object('i', i), rfc_key('RFC 7515 A.4')), rfc_key('RFC 7515 A.4'))) FROM generate_series(1, 1000000) AS i;
ROLLBACK TO fresh;
SELECT is(:'LAST_ERROR_SQLSTATE'::text, '57014', 'a million tokens are stopped');

-- ---------------------------------------------------------------------------
-- Keys: a set has at most 64, and half a megabyte of text; one key 64 kB

CREATE FUNCTION jwks(keys integer, members jsonb DEFAULT '{}') RETURNS jsonb LANGUAGE sql STABLE AS $$
    SELECT jsonb_build_object('keys', jsonb_agg(jwk || jsonb_build_object('kid', i) || members))
    FROM jwt.public_key(rfc_key('RFC 7515 A.3')) AS jwk, (SELECT i::text FROM generate_series(1, keys) AS i) AS k(i)
$$;
SELECT jwt.sign('{}', rfc_key('RFC 7515 A.3') - 'kid', header => '{"kid":"absent"}') AS token \gset
SELECT clock_timestamp() AS started \gset
SELECT refuses(format('SELECT jwt.verify(%L, jwks(%s))', :'token', keys), code, format('a set of %s keys without the kid', keys)) FROM (VALUES (64, 'JW006'), (65, 'JW005'), (1000, 'JW005'), (10000, 'JW005')) AS t(keys, code);
SELECT refuses(format('SELECT jwt.verify(%L, jwks(10, %L))', :'token', jsonb_build_object('x', repeat('x', 60000))), 'JW005', 'a set of 600 kB');
SELECT refuses(format('SELECT jwt.verify(%L, %L::jsonb)', :'token', jwt.public_key(rfc_key('RFC 7515 A.3')) || jsonb_build_object('x', repeat('x', 600000))), 'JW005', 'a key of 600 kB');
SELECT refuses(format('SELECT jwt.verify(%L, %L::text)', :'token', repeat('x', 65537)), 'JW005', 'a secret of more than 64 kB');
SELECT refuses(format('SELECT jwt.verify(%L, %L::text)', :'token', '-----BEGIN PUBLIC KEY-----' || repeat('x', 65537)), 'JW005', 'a PEM of more than 64 kB');
SELECT refuses('INSERT INTO jwt.issuers (issuer, jwks) VALUES (''https://a.example'', jwks(10000))', '23514', 'jwt.issuers takes no such set either');
SELECT refuses(format('SELECT jwt.verify(%L, %L::jsonb)', :'token', format('{"keys":%s%s}', repeat('[', n), repeat(']', n))), code, format('a set of %s lists within each other', n)) FROM (VALUES (10, 'JW030'), (100, 'JW030'), (5000, 'JW030')) AS t(n, code);
SELECT refuses(format('SELECT jwt.verify(%L, %L::text)', :'token', format('{"kty":"oct","x":%s%s}', repeat('{"a":', n), repeat('}', n))), 'JW030', format('a JWK in text, %s deep', n)) FROM (VALUES (2000), (10000)) AS t(n);
SELECT ok(clock_timestamp() - :'started'::timestamptz < interval '10 seconds', 'all of them soon');
-- Without kid no more than eight keys are tried
SELECT refuses(format('SELECT jwt.verify(%L, %L::jsonb)', jwt.sign('{}', rfc_key('RFC 7515 A.3') - 'kid'),
        (SELECT jsonb_build_object('keys', jsonb_agg(jwt.public_key(k))) FROM (SELECT jwt.generate_key('ES256') FROM generate_series(1, 63)) AS s(k))), 'JW007', 'sixty-three keys of others, no kid');

-- ---------------------------------------------------------------------------
-- The stack: where a caller has left too little of it, that is what the error
-- says, and neither that memory is short nor that the key is wrong.  Each limit
-- is reached at another place, of which most are in our JSON's lexer.

CREATE FUNCTION dig_checking(token text) RETURNS text LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT FROM jwt.check(token, secret()) WHERE error LIKE 'stack%') THEN
        RETURN 'as if it were the token''s fault';
    END IF;
    RETURN dig_checking(token);
END
$$;
CREATE FUNCTION dig_explaining(token text) RETURNS text LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT FROM jwt.explain(token, secret()) WHERE detail LIKE 'stack%') THEN
        RETURN 'as if it were the token''s fault';
    END IF;
    RETURN dig_explaining(token);
END
$$;
-- Deep enough for the lexer to look, and too long, and too badly signed, to be kept
SELECT forge(format('{"alg":"HS256","long":"%s","deep":%s%s}', repeat('x', 400), repeat('[', 15), repeat(']', 15))) || 'AAAA' AS token \gset
SELECT is((jwt.check(:'token', secret())).error, 'token''s signature is not valid', 'a deep header');
CREATE TEMPORARY TABLE stack ON COMMIT DROP AS
SELECT call, coalesce(code || ' ' || message, 'no error') AS error, hint LIKE 'Calls are nested too deeply;%' AS ours
FROM generate_series(100, 120) AS kb, set_config('max_stack_depth', kb || 'kB', true),
    unnest(ARRAY[format('dig_checking(%L)', :'token'), format('dig_explaining(%L)', :'token')]) AS call,
    LATERAL refusal('SELECT ' || call) AS r;
RESET max_stack_depth;
SELECT is(array_agg(DISTINCT error), '{54001 stack depth limit exceeded}', split_part(call, '(', 1) || ': too deep a call') FROM stack GROUP BY call ORDER BY call;
SELECT cmp_ok(count(*) FILTER (WHERE ours), '>', 0::bigint, split_part(call, '(', 1) || ': which the lexer notices') FROM stack GROUP BY call ORDER BY call;

-- ---------------------------------------------------------------------------
-- Tokens: oauth_jwt.max_token_size bounds all who read one

SELECT is(current_setting('oauth_jwt.max_token_size'), '64kB', 'max_token_size is 64 kB');
SELECT refuses(format(call, token('{"x":"' || repeat('x', 49152) || '"}')), 'JW005', call)
FROM unnest(ARRAY['SELECT jwt.verify(%L, secret())', 'SELECT jwt.verify(%L)', 'SELECT jwt.decode(%L)', 'SELECT jwt.set_session(%L)', 'SELECT jwt.jws_verify(%L, rfc_key(''RFC 7515 A.1''))', 'SELECT jwt.jwe_decrypt(%L, rfc_key(''RFC 7515 A.1''))']) AS call;
SELECT is((jwt.check(token('{"x":"' || repeat('x', 48000) || '"}'), secret())).valid, true, 'a token of almost 64 kB');
SET LOCAL oauth_jwt.max_token_size = '16MB';
SELECT is((jwt.check(token('{"x":"' || repeat('x', 5000000) || '"}'), secret())).valid, true, 'a token of 7 MB, where the setting allows it');
RESET oauth_jwt.max_token_size;
SELECT refuses(format('SET LOCAL oauth_jwt.max_token_size = %L', value), '22023', 'max_token_size ' || value) FROM unnest(ARRAY['0', '-1', '255', '17MB', '1GB']) AS value;
SELECT refuses(format('SET LOCAL oauth_jwt.leeway = %L', value), '22023', 'leeway ' || value) FROM unnest(ARRAY['-1', '3601', '1d']) AS value;

-- ---------------------------------------------------------------------------
-- Numbers of few characters and many digits: the attack is a token of 60 kB
-- whose claims, written out for the session, take 655 MB

SELECT is(coalesce((jwt.check(token(format('{"x":%s}', number)), secret())).error, 'valid'), want, 'claims with ' || number)
FROM (VALUES ('1e308', 'valid'), ('1e999', 'valid'), ('1E-999', 'valid'), ('1e+0000999', 'valid'), ('"1e99999"', 'valid'), ('"\"1e99999"', 'valid'),
             ('true,"1e9999":false', 'valid'),
             ('1e1000', 'claims are not a JSON object in UTF-8'), ('1E+1000', 'claims are not a JSON object in UTF-8'),
             ('-1.5e-1000', 'claims are not a JSON object in UTF-8'), ('1e0001000', 'claims are not a JSON object in UTF-8'),
             ('"\\","y":1e131071', 'claims are not a JSON object in UTF-8'), ('{"1":[1e131071]}', 'claims are not a JSON object in UTF-8')) AS t(number, want);
SELECT jwt.trust_issuer('https://foreign.example', secret => secret(), required_claims => '{}') \g /dev/null
SELECT refuses(format('SELECT jwt.set_session(%L)', token('{"iss":"https://foreign.example","x":[' || repeat('1e131071,', 4000) || '1]}')), 'JW001', 'a session that would be huge');

-- ---------------------------------------------------------------------------
-- Nesting of claims: as deep as the server's stack allows, and no deeper

SELECT ok(c.valid OR c.error = 'claims are not a JSON object in UTF-8', format('claims %s deep', n))
FROM unnest(ARRAY[1000, 5000, 10000, 20000]) AS n, jwt.check(token('{"a":' || repeat('[', n) || repeat(']', n) || '}'), secret()) AS c;
SELECT is((jwt.check(token('{"a":' || repeat('[', 1000) || repeat(']', 1000) || '}'), secret())).valid, true, 'a thousand are no matter');
SET LOCAL max_stack_depth = '100kB';
SELECT is((jwt.check(token('{"a":' || repeat('[', 20000) || repeat(']', 20000) || '}'), secret())).error, 'claims are not a JSON object in UTF-8', 'a small stack: refused');
SELECT is((jwt.check(token('{"a":[[]]}'), secret())).valid, true, 'and what is flat is accepted');
RESET max_stack_depth;

SELECT is(pg_backend_pid(), :pid, 'all in one backend');
SELECT finish();
ROLLBACK;
