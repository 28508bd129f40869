\i test/tap.psql
-- jwt.sign: what it adds, what it leaves alone, and which key it takes.
BEGIN;
\i test/forge.psql
SELECT no_plan();

-- The tutorial's one-liner
CREATE TEMPORARY TABLE first ON COMMIT DROP AS
SELECT t.token, d.*
FROM (SELECT jwt.sign('{"userId": 123, "role": "admin"}', 'a secret of at least 32 bytes ...', expires_in => '1h') AS token) AS t,
    jwt.decode(t.token) AS d;

SELECT is(header, '{"alg": "HS256", "typ": "JWT"}', 'a text key signs with HS256, and the token says it is a JWT')
FROM first;
SELECT is(payload - 'iat' - 'exp', '{"userId": 123, "role": "admin"}', 'the claims are as given') FROM first;
SELECT is((payload ->> 'exp')::bigint - (payload ->> 'iat')::bigint, 3600::bigint, 'expires_in adds exp, an hour after iat')
FROM first;
SELECT ok(at('0') - (payload ->> 'iat')::bigint BETWEEN 0 AND 60, 'iat is now') FROM first;
SELECT is(jwt.verify(token, 'a secret of at least 32 bytes ...') ->> 'role', 'admin', 'what it signs, verify accepts') FROM first;

-- The form
SELECT is(convert_from(unb64(split_part(jwt.sign('{"b": [1, {"x": null}], "a": "two  words, \"quoted\": é \\", "c": 1.50}', secret()), '.', 2)), 'UTF8'),
    '{"a":"two  words, \"quoted\": é \\","b":[1,{"x":null}],"c":1.50}',
    'the payload is compact JSON in UTF-8, and blanks within strings stay');
SELECT is(jwt.sign('{"sub": "alice"}', secret()), token('{"sub":"alice"}'),
    'an HS256 signature is the HMAC of the text before the second dot');
SELECT is(convert_from(unb64(split_part(jwt.sign('{}', secret()), '.', 2)), 'UTF8'), '{}', 'no claims are claims too');
SELECT unalike(jwt.sign('{}', secret(), expires_in => '1h'), '%=%', 'no padding');
SELECT is((jwt.decode(jwt.sign('{}', secret(), expires_in => '90 seconds'))).payload - 'iat' - 'exp', '{}', 'claims can be added to none');

-- Which algorithm: the one named, else the key's own, else the family of its type
SELECT is((jwt.decode(jwt.sign('{}', jwk))).header ->> 'alg', alg, format('%s: %s', what, alg))
FROM (VALUES
    ('an oct JWK', '{"kty":"oct"}'::jsonb || jsonb_build_object('k', b64(repeat('k', 64))), 'HS256'),
    ('an oct JWK of alg HS512', jsonb_build_object('kty', 'oct', 'alg', 'HS512', 'k', b64(repeat('k', 64))), 'HS512'),
    ('a P-256 JWK', rfc_key('RFC 7515 A.3'), 'ES256'),
    ('a P-521 JWK', rfc_key('RFC 7515 A.4'), 'ES512'),
    ('an RSA JWK', rfc_key('RFC 7515 A.2'), 'RS256'),
    ('an RSA JWK of alg PS384', rfc_key('RFC 7515 A.2') || '{"alg":"PS384"}', 'PS384'),
    ('an Ed25519 JWK', rfc_key('RFC 8037 A.4'), 'EdDSA'),
    ('an Ed25519 JWK of alg Ed25519', rfc_key('RFC 8037 A.4') || '{"alg":"Ed25519"}', 'Ed25519')
) AS t(what, jwk, alg);
SELECT is((jwt.decode(jwt.sign('{}', repeat('s', 64), 'HS512'))).header ->> 'alg', 'HS512', 'the algorithm named: positional');
SELECT is((jwt.decode(jwt.sign('{}', rfc_key('RFC 7515 A.2'), algorithm => 'PS256'))).header ->> 'alg', 'PS256', 'the algorithm named: by name');
SELECT is((jwt.decode(jwt.sign('{}', rfc_key('RFC 7515 A.2'), header => '{"alg":"RS512"}'))).header ->> 'alg', 'RS512', 'the algorithm named: in the header');

-- Keys as text
SELECT is(jwt.verify(jwt.sign('{"n": 1}', jwt.key_to_pem(rfc_key(id))), jwt.key_to_pem(jwt.public_key(rfc_key(id)))), '{"n": 1}',
    format('a PEM signs, its public half verifies: %s', id))
FROM unnest(ARRAY['RFC 7515 A.2', 'RFC 7515 A.3', 'RFC 8037 A.4']) AS id;
SELECT is(jwt.verify(jwt.sign('{"n": 1}', rfc_key('RFC 7515 A.3')::text), jwt.public_key(rfc_key('RFC 7515 A.3'))), '{"n": 1}',
    'a JWK as text is a JWK');

-- The header
SELECT is((jwt.decode(jwt.sign('{}', secret(), header => given))).header, expected, what)
FROM (VALUES
    ('more members', '{"cty":"x","nested":{"a":[1,null]}}'::jsonb, '{"alg":"HS256","typ":"JWT","cty":"x","nested":{"a":[1,null]}}'::jsonb),
    ('another typ', '{"typ":"at+jwt"}', '{"alg":"HS256","typ":"at+jwt"}'),
    ('a kid', '{"kid":"k1"}', '{"alg":"HS256","typ":"JWT","kid":"k1"}'),
    ('the same alg', '{"alg":"HS256"}', '{"alg":"HS256","typ":"JWT"}'),
    ('an empty one', '{}', '{"alg":"HS256","typ":"JWT"}'),
    ('none', NULL, '{"alg":"HS256","typ":"JWT"}')
) AS t(what, given, expected);
SELECT is((jwt.decode(jwt.sign('{}', rfc_key('RFC 7515 A.3') || '{"kid":"mine"}'))).header ->> 'kid', 'mine', 'the JWK''s kid goes into the header');
SELECT is((jwt.decode(jwt.sign('{}', rfc_key('RFC 7515 A.3') || '{"kid":"mine"}', header => '{"kid":"other"}'))).header ->> 'kid', 'other',
    'the header''s own kid wins where there is one key');

-- A JWKS: the header's kid selects, else the first key that can sign
CREATE FUNCTION ring() RETURNS jsonb LANGUAGE sql STABLE
RETURN jsonb_build_object('keys', jsonb_build_array(
    jwt.public_key(rfc_key('RFC 7515 A.2')) || '{"kid":"public"}',
    rfc_key('RFC 7515 A.3') || '{"kid":"ec"}',
    rfc_key('RFC 8037 A.4') || '{"kid":"ed"}'));
SELECT is((jwt.decode(jwt.sign('{}', ring()))).header ->> 'kid', 'ec', 'the first key of a JWKS that can sign');
SELECT is((jwt.decode(jwt.sign('{}', ring(), header => '{"kid":"ed"}'))).header, '{"alg":"EdDSA","typ":"JWT","kid":"ed"}', 'kid selects in a JWKS');
SELECT is((jwt.decode(jwt.sign('{}', ring(), 'EdDSA'))).header ->> 'kid', 'ed', 'an algorithm selects in a JWKS');

-- Times
SELECT is((p ->> 'exp')::bigint - (p ->> 'iat')::bigint, seconds, format('expires_in %s', span))
FROM (VALUES ('1 second', 1::bigint), ('90 seconds', 90), ('1 day 1 hour', 90000), ('1 mon', 2592000)) AS t(span, seconds),
    LATERAL (SELECT (jwt.decode(jwt.sign('{}', secret(), expires_in => span::interval))).payload) AS d(p);
SELECT is((jwt.decode(jwt.sign('{"iat": 1}', secret(), expires_in => '1h'))).payload ->> 'iat', '1', 'an iat that is given stays');
SELECT is((jwt.decode(jwt.sign('{"exp": 1.5, "nbf": -1}', secret()))).payload, '{"exp": 1.5, "nbf": -1}', 'times without expires_in are the caller''s');

-- Nothing in, nothing out; but no key is a mistake
SELECT is(jwt.sign(NULL, secret()), NULL, 'null claims: null');
SELECT refuses(statement, code, what)
FROM (VALUES
    ('key null, as text', '22004', $$SELECT jwt.sign('{}', NULL::text)$$),
    ('key null, as jsonb', '22004', $$SELECT jwt.sign('{}', NULL::jsonb)$$),
    ('claims: an array', 'JW001', $$SELECT jwt.sign('[1]', secret())$$),
    ('claims: a string', 'JW001', $$SELECT jwt.sign('"x"', secret())$$),
    ('exp: a string', 'JW020', $$SELECT jwt.sign('{"exp": "1"}', secret())$$),
    ('nbf: a boolean', 'JW020', $$SELECT jwt.sign('{"nbf": true}', secret())$$),
    ('iat: an object', 'JW020', $$SELECT jwt.sign('{"iat": {}}', secret())$$),
    ('exp and expires_in', 'JW020', $$SELECT jwt.sign('{"exp": 1}', secret(), expires_in => '1h')$$),
    ('exp: null', 'JW020', $$SELECT jwt.sign('{"exp": null}', secret())$$),
    ('exp null and expires_in', 'JW020', $$SELECT jwt.sign('{"exp": null}', secret(), expires_in => '1h')$$),
    ('expires_in zero', '22023', $$SELECT jwt.sign('{}', secret(), expires_in => '0')$$),
    ('expires_in negative', '22023', $$SELECT jwt.sign('{}', secret(), expires_in => '-1 second')$$),
    ('expires_in of more than a century', '22023', $$SELECT jwt.sign('{}', secret(), expires_in => '200 years')$$),
    ('expires_in out of all bounds', '22023', $$SELECT jwt.sign('{}', secret(), expires_in => '593067 years')$$),
    ('algorithm none', 'JW002', $$SELECT jwt.sign('{}', secret(), 'none')$$),
    ('algorithm None', 'JW002', $$SELECT jwt.sign('{}', secret(), 'None')$$),
    ('algorithm empty', 'JW002', $$SELECT jwt.sign('{}', secret(), '')$$),
    ('algorithm in lower case', 'JW002', $$SELECT jwt.sign('{}', secret(), 'hs256')$$),
    ('algorithm with a blank', 'JW002', $$SELECT jwt.sign('{}', secret(), 'HS256 ')$$),
    ('algorithm of encryption', 'JW002', $$SELECT jwt.sign('{}', secret(), 'dir')$$),
    ('none in the header', 'JW002', $$SELECT jwt.sign('{}', secret(), header => '{"alg":"none"}')$$),
    ('header and algorithm differ', 'JW001', $$SELECT jwt.sign('{}', repeat('s', 64), 'HS512', '{"alg":"HS256"}')$$),
    ('header alg: a number', 'JW001', $$SELECT jwt.sign('{}', secret(), header => '{"alg":256}')$$),
    ('header kid: a number', 'JW001', $$SELECT jwt.sign('{}', secret(), header => '{"kid":1}')$$),
    ('header typ: a list', 'JW001', $$SELECT jwt.sign('{}', secret(), header => '{"typ":["JWT"]}')$$),
    ('header: an array', 'JW001', $$SELECT jwt.sign('{}', secret(), header => '[]')$$),
    ('header: crit not understood', 'JW004', $$SELECT jwt.sign('{}', secret(), header => '{"crit":["exp"],"exp":1}')$$),
    ('secret empty', 'JW033', $$SELECT jwt.sign('{}', '')$$),
    ('secret of 31 bytes for HS256', 'JW033', $$SELECT jwt.sign('{}', repeat('s', 31))$$),
    ('secret of 47 bytes for HS384', 'JW033', $$SELECT jwt.sign('{}', repeat('s', 47), 'HS384')$$),
    ('secret of 63 bytes for HS512', 'JW033', $$SELECT jwt.sign('{}', repeat('s', 63), 'HS512')$$),
    ('secret for ES256', 'JW036', $$SELECT jwt.sign('{}', secret(), 'ES256')$$),
    ('PEM for HS256', 'JW036', $$SELECT jwt.sign('{}', jwt.key_to_pem(rfc_key('RFC 7515 A.2')), 'HS256')$$),
    ('P-256 for ES384', 'JW036', $$SELECT jwt.sign('{}', rfc_key('RFC 7515 A.3'), 'ES384')$$),
    ('JWK of another alg', 'JW036', $$SELECT jwt.sign('{}', rfc_key('RFC 7515 A.2') || '{"alg":"RS256"}', 'PS256')$$),
    ('JWK of an unknown alg', 'JW036', $$SELECT jwt.sign('{}', rfc_key('RFC 7515 A.2') || '{"alg":"XX999"}')$$),
    ('JWK of use enc', 'JW037', $$SELECT jwt.sign('{}', rfc_key('RFC 7515 A.2') || '{"use":"enc"}')$$),
    ('JWK whose key_ops lack sign', 'JW037', $$SELECT jwt.sign('{}', rfc_key('RFC 7515 A.2') || '{"key_ops":["verify"]}')$$),
    ('JWK whose key_ops are empty', 'JW037', $$SELECT jwt.sign('{}', rfc_key('RFC 7515 A.2') || '{"key_ops":[]}')$$),
    ('a public key', 'JW038', $$SELECT jwt.sign('{}', jwt.public_key(rfc_key('RFC 7515 A.2')))$$),
    ('a key for encryption', 'JW036', $$SELECT jwt.sign('{}', jwt.generate_key('ECDH-ES', curve => 'X25519') - 'use' - 'alg')$$),
    ('a JWKS: a secret too short, then a key for encryption', 'JW033',
        $$SELECT jwt.sign('{}', jsonb_build_object('keys', jsonb_build_array('{"kty":"oct","k":"c2hvcnQ"}'::jsonb, jwt.generate_key('ECDH-ES', curve => 'X25519') - 'use' - 'alg')))$$),
    ('a JWKS without the kid', 'JW006', $$SELECT jwt.sign('{}', ring(), header => '{"kid":"nobody"}')$$),
    ('an empty JWKS', 'JW006', $$SELECT jwt.sign('{}', '{"keys":[]}'::jsonb)$$),
    ('a token over the bound', 'JW005', $$SELECT jwt.sign(jsonb_build_object('x', repeat('x', 65536)), secret())$$)
) AS t(what, code, statement);

-- What a person reads of it
SELECT is((refusal($$SELECT jwt.sign('{}', 'short')$$))::text, ROW('JW033', 'shared secret is too short for the algorithm', 'HS256 needs 32 bytes.',
    'Use a random secret of at least 32 bytes for HS256, 48 for HS384, 64 for HS512. '
    'For tokens of another system that you cannot change, a superuser may set oauth_jwt.allow_short_hmac_keys = on.')::text,
    'a short secret: how long it must be, and the setting for those who cannot');
SET LOCAL oauth_jwt.allow_short_hmac_keys = on;
SELECT is(jwt.verify(jwt.sign('{"n": 1}', 'short'), 'short'), '{"n": 1}', 'with the setting a short secret signs and verifies');
SELECT refuses($$SELECT jwt.sign('{}', '')$$, 'JW033', 'and an empty one does not');

SELECT finish();
ROLLBACK;
