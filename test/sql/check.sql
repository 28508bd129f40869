\i test/tap.psql
-- jwt.check: the verdict of jwt.verify as a row, and no error whatever the token.
BEGIN;
\i test/forge.psql
SELECT no_plan();
SELECT jwt.trust_issuer('https://a.example', secret => secret()) \g /dev/null

-- ---------------------------------------------------------------------------
-- A good token: its claims

SELECT is(jwt.check(token('{"sub":"alice"}'), secret()), ROW(true, '{"sub": "alice"}'::jsonb, NULL::text), 'valid, with a secret');
SELECT is(jwt.check(jwt.sign('{"n": 1}', rfc_key('RFC 7515 A.3')), jwt.public_key(rfc_key('RFC 7515 A.3'))), ROW(true, '{"n": 1}'::jsonb, NULL::text), 'valid, with a JWK');
SELECT is((jwt.check(token(format('{"iss":"https://a.example","exp":%s}', at('1h'))))).valid, true, 'valid, against jwt.issuers');
SELECT is((SELECT count(*) FROM jwt.check(token('{}'), secret())), 1::bigint, 'one row');

-- ---------------------------------------------------------------------------
-- A bad one: why, in the words of jwt.verify, and never its claims

CREATE TEMPORARY TABLE bad ON COMMIT DROP AS
SELECT row_number() OVER () AS n, t.* FROM (VALUES
    ('empty', ''), ('a dot', '.'), ('two dots', '..'), ('blanks', '   '), ('words', 'not a token at all'),
    ('one part', 'eyJhbGciOiJIUzI1NiJ9'), ('two parts', 'eyJhbGciOiJIUzI1NiJ9.e30'), ('four parts', token('{}') || '.'),
    ('five parts', 'a.b.c.d.e'), ('six parts', '.....'), ('many parts', repeat('.', 60000)),
    ('too large', repeat('x', 65537)), ('huge', repeat('x', 1000000)),
    ('JSON serialization', '{"payload":"e30","protected":"eyJhbGciOiJIUzI1NiJ9","signature":"AA"}'),
    ('Bearer in front', 'Bearer ' || token('{}')), ('in quotes', '"' || token('{}') || '"'), ('a line feed behind', token('{}') || E'\n'),
    ('an é', 'é.é.é'), ('an emoji', '😀.😀.😀'), ('%s', '%s%n.%s%n.%s%n'),
    ('alg none', b64('{"alg":"none"}') || '.' || b64('{}') || '.'),
    ('no alg', forge('{}')), ('alg: a number', forge('{"alg":1}')), ('alg: null', forge('{"alg":null}')), ('another alg', forge('{"alg":"ES256"}')),
    ('an alg of encryption', forge('{"alg":"dir"}')), ('crit', forge('{"alg":"HS256","crit":["x"],"x":1}')), ('b64', forge('{"alg":"HS256","crit":["b64"],"b64":false}')),
    ('header: an array', forge('[]')), ('header: not JSON', forge('{')), ('header: empty', forge('')),
    ('header: member twice', forge('{"alg":"HS256","alg":"HS256"}')), ('header: deep', forge('{"alg":"HS256","x":' || repeat('[', 100) || repeat(']', 100) || '}')),
    ('header: deeper', forge('{"alg":"HS256","x":' || repeat('[', 5000) || repeat(']', 5000) || '}')),
    ('header: many members', forge('{"alg":"HS256"' || (SELECT string_agg(format(',"m%s":1', i), '') FROM generate_series(1, 1000) AS i) || '}')),
    ('header: NUL', forge(convert_to('{"alg":"HS256","x":"', 'UTF8') || '\x00' || convert_to('"}', 'UTF8'), '{}')),
    ('header: not UTF-8', forge(convert_to('{"alg":"HS256","x":"', 'UTF8') || '\xff' || convert_to('"}', 'UTF8'), '{}')),
    ('header: not base64url', seal('e+/=.e30')),
    ('claims: an array', token('[]')), ('claims: not JSON', token('{')), ('claims: empty', token('')), ('claims: \u0000', token('{"a":"\u0000"}')),
    ('claims: deep, unclosed', token('{"a":' || repeat('[', 40000))), ('claims: a huge number', token('{"a":1e999999}')), ('claims: lone surrogate', token('{"a":"\ud800"}')),
    ('claims: NUL', forge(convert_to('{"alg":"HS256"}', 'UTF8'), '\x7b00227d')), ('claims: not UTF-8', forge(convert_to('{"alg":"HS256"}', 'UTF8'), '\x7b2261223a22ff227d')),
    ('claims: not base64url', seal('eyJhbGciOiJIUzI1NiJ9.e+/=')),
    ('signature: empty', b64('{"alg":"HS256"}') || '.e30.'), ('signature: short', left(token('{}'), -4)), ('signature: long', token('{}') || 'AAAA'),
    ('signature: of another', jwt.sign('{}', repeat('x', 32))), ('signature: not base64url', left(token('{}'), -1) || '!'),
    ('expired', token('{"exp":1}')), ('exp: a string', token('{"exp":"1"}')), ('exp: null', token('{"exp":null}')), ('exp: large', token('{"exp":1e400}')),
    ('not yet valid', token('{"nbf":99999999999}')), ('issued in the future', token('{"iat":99999999999}')), ('sub: a number', token('{"sub":1}'))
) AS t(what, token);

SELECT is(c.valid, false, what || ': not valid') FROM bad, jwt.check(token, secret()) AS c ORDER BY n;
SELECT ok(bool_and(c.claims IS NULL), 'no claims of any of them') FROM bad, jwt.check(token, secret()) AS c;
SELECT is(string_agg(what, ', '), NULL, 'each with the message of jwt.verify')
FROM bad, jwt.check(token, secret()) AS c, refusal(format('SELECT jwt.verify(%L, secret())', token)) AS r
WHERE c.error IS DISTINCT FROM r.message;
SELECT is(string_agg(what, ', '), NULL, 'none is valid against jwt.issuers') FROM bad, jwt.check(token) AS c WHERE c.valid OR c.claims IS NOT NULL OR c.error IS NULL;
SELECT is(string_agg(what, ', '), NULL, 'none is valid with an EC key') FROM bad, jwt.check(token, rfc_key('RFC 7515 A.3')) AS c WHERE c.valid OR c.claims IS NOT NULL OR c.error IS NULL;
SELECT is(string_agg(what, ', '), NULL, 'none is valid with a PEM') FROM bad, jwt.check(token, jwt.key_to_pem(rfc_key('RFC 7515 A.2'))) AS c WHERE c.valid OR c.claims IS NOT NULL OR c.error IS NULL;
SELECT is(sum((SELECT count(*) FROM bad, jwt.check(token, secret()) AS c WHERE NOT c.valid AND round > 0)), 50.0 * (SELECT count(*) FROM bad), 'fifty times each')
FROM generate_series(1, 50) AS round;
SELECT ok((jwt.check(token('{}'), secret())).valid, 'and a good one is good still');

-- Every option speaks through it
CREATE FUNCTION error_with(option text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    result text;
BEGIN
    EXECUTE format('SELECT error FROM jwt.check(%L, secret(), %s)', token('{"iat":1}'), option) INTO result;
    RETURN result;
END
$$;
SELECT is(error_with(option), expected, option)
FROM (VALUES
    ('algorithms => ''{HS512}''', 'token''s algorithm is not allowed here'),
    ('issuer => ''x''', 'token is of another issuer'),
    ('audience => ''{x}''', 'token is for another audience'),
    ('subject => ''x''', 'token is of another subject'),
    ('type => ''x''', 'token is of another type'),
    ('required_claims => ''{x}''', 'token lacks a required claim'),
    ('max_age => ''1s''', 'token is older than allowed')
) AS t(option, expected);

-- ---------------------------------------------------------------------------
-- No token is a bad token; a bad key says so; a bad option is the caller's mistake

SELECT is(jwt.check(NULL, secret()), ROW(false, NULL::jsonb, 'token is null'::text), 'no token');
SELECT is(jwt.check(NULL::text), ROW(false, NULL::jsonb, 'token is null'::text), 'no token, no key');
SELECT is((jwt.check(token('{}'), key)).error, expected, 'a bad key: ' || expected)
FROM (VALUES
    ('', 'shared secret is empty'),
    ('short', 'shared secret is too short for the algorithm'),
    (E'-----BEGIN PUBLIC KEY-----\nnonsense\n-----END PUBLIC KEY-----', 'key is not valid'),
    (E'-----BEGIN PUBLIC KEY-----\n', 'key is malformed'),
    ('{"kty":"EC"}', 'JWK has a missing or malformed member')
) AS t(key, expected);
SELECT refuses(format('SELECT jwt.check(%L, %s)', token('{}'), arguments), code, arguments)
FROM (VALUES
    ('NULL::text', '22004'), ('NULL::jsonb', '22004'),
    ('secret(), ''{none}''', 'JW002'), ('secret(), ''{NULL}''', '22004'),
    ('secret(), leeway => ''-1s''', '22023'), ('secret(), max_age => ''-1s''', '22023')
) AS t(arguments, code);

-- ---------------------------------------------------------------------------
-- In policies and CHECK constraints it can stand where verify would raise

CREATE TEMPORARY TABLE inbox (token text CHECK ((jwt.check(token, secret())).valid)) ON COMMIT DROP;
SELECT lives_ok(format('INSERT INTO inbox VALUES (%L)', token('{}')), 'a good token comes in');
SELECT throws_ok(format('INSERT INTO inbox VALUES (%L)', token('{"exp":1}')), '23514', NULL, 'an expired one does not');

SELECT finish();
ROLLBACK;
