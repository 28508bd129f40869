\i test/tap.psql
-- jwt.verify with a key at hand: which algorithms it accepts, which key it takes.
BEGIN;
\i test/forge.psql
SELECT no_plan();

-- ---------------------------------------------------------------------------
-- Tokens of other hands: the RFCs' own

SELECT is(jwt.verify(rfc(id) ->> 'token', rfc_key(id), leeway => '100 years'),
    '{"iss": "joe", "exp": 1300819380, "http://example.com/is_root": true}', id)
FROM unnest(ARRAY['RFC 7515 A.1', 'RFC 7515 A.2', 'RFC 7515 A.3']) AS id;
SELECT refuses(format('SELECT jwt.verify(%L, %L::jsonb)', rfc(id) ->> 'token', rfc_key(id)), 'JW010', id || ' has expired since')
FROM unnest(ARRAY['RFC 7515 A.1', 'RFC 7515 A.2', 'RFC 7515 A.3']) AS id;

-- ---------------------------------------------------------------------------
-- The caller decides the algorithms; the header only has to agree

CREATE TEMPORARY TABLE keys ON COMMIT DROP AS
SELECT k.*, jwt.sign('{"sub": "alice"}', jwk, alg) AS token
FROM (VALUES
    ('HS256', jsonb_build_object('kty', 'oct', 'k', b64(secret() || secret()))),
    ('HS512', jsonb_build_object('kty', 'oct', 'k', b64(secret() || secret()))),
    ('RS256', rfc_key('RFC 7515 A.2')),
    ('PS512', rfc_key('RFC 7515 A.2')),
    ('ES256', rfc_key('RFC 7515 A.3')),
    ('ES512', rfc_key('RFC 7515 A.4')),
    ('EdDSA', rfc_key('RFC 8037 A.4')),
    ('Ed25519', rfc_key('RFC 8037 A.4'))
) AS k(alg, jwk);

CREATE FUNCTION verifies(token text, jwk jsonb, algorithms text[] DEFAULT NULL) RETURNS text LANGUAGE sql AS $$
    SELECT coalesce((refusal(format('SELECT jwt.verify(%L, %L::jsonb, %L::text[])', token, jwk, algorithms))).code, 'ok')
$$;

SELECT is(verifies(token, jwk, ARRAY[alg]), 'ok', format('%s where it is allowed', alg)) FROM keys;
SELECT is(verifies(token, jwk, ARRAY['ES384', alg, 'Ed448']), 'ok', format('%s among others', alg)) FROM keys;
SELECT is(verifies(token, jwk, ARRAY['ES384', 'HS384', 'RS384', 'Ed448']), 'JW003', format('%s where others are', alg)) FROM keys;
SELECT is(verifies(token, jwk), 'ok', format('%s, algorithms null: the key''s family', alg)) FROM keys;
SELECT is(verifies(token, jwk, '{}'), 'ok', format('%s, algorithms empty: the key''s family', alg)) FROM keys;
SELECT is(verifies(token, jwk || jsonb_build_object('alg', alg)), 'ok', format('%s, the key''s own', alg)) FROM keys;
SELECT is(verifies(token, jwk || '{"alg":"ES384"}'), 'JW003', format('%s with a key of another alg', alg)) FROM keys;
SELECT is(verifies(token, jwk || '{"alg":"ES384"}', ARRAY[alg]), 'JW036', format('%s allowed, yet the key is of another alg', alg)) FROM keys;
SELECT is(verifies(token, jwk || '{"alg":"none"}'), 'JW003', format('%s with a key of alg none', alg)) FROM keys;

-- Every token with every key: only its own opens it, and no key is tried
-- against an algorithm that is not its own
SELECT is(verifies(t.token, k.jwk),
    CASE WHEN t.jwk = k.jwk THEN 'ok' WHEN t.jwk ->> 'kty' = k.jwk ->> 'kty' AND t.jwk ->> 'kty' <> 'EC' THEN 'JW007' ELSE 'JW003' END,
    format('a token of %s with a key of %s', t.alg, k.alg))
FROM keys AS t, keys AS k
WHERE t.alg NOT IN ('PS512', 'Ed25519', 'HS512') AND k.alg NOT IN ('PS512', 'Ed25519', 'HS512');
SELECT is(verifies(t.token, k.jwk, ARRAY[t.alg]), 'JW036', format('the same, %s allowed with a key of %s', t.alg, k.alg))
FROM keys AS t, keys AS k
WHERE t.jwk <> k.jwk AND t.alg NOT IN ('PS512', 'Ed25519', 'HS512') AND k.alg NOT IN ('PS512', 'Ed25519', 'HS512');

SELECT refuses(format('SELECT jwt.verify(%L, secret(), %L)', token('{}'), algorithms), code, what)
FROM (VALUES
    ('{none}', 'JW002', 'algorithms: none'),
    ('{HS256,none}', 'JW002', 'algorithms: none among others'),
    ('{hs256}', 'JW002', 'algorithms: lower case'),
    ('{dir}', 'JW002', 'algorithms: one of encryption'),
    ('{""}', 'JW002', 'algorithms: an empty name'),
    ('{HS256,NULL}', '22004', 'algorithms: a null')
) AS t(algorithms, code, what);
SELECT is((refusal(format('SELECT jwt.verify(%L, secret(), ''{HS384,ES256}'')', token('{}')))).detail,
    'The token says HS256; allowed: HS384, ES256.', 'which algorithms were allowed');

-- ---------------------------------------------------------------------------
-- What a JWK says of its own use binds

SELECT is(verifies(token, jwk || changes), expected, format('%s: %s', alg, what))
FROM keys,
    (VALUES
        ('use sig', '{"use":"sig"}'::jsonb, 'ok'),
        ('use enc', '{"use":"enc"}', 'JW037'),
        ('use of another kind', '{"use":"tls"}', 'JW037'),
        ('use: a number', '{"use":1}', 'JW030'),
        ('key_ops with verify', '{"key_ops":["sign","verify"]}', 'ok'),
        ('key_ops without verify', '{"key_ops":["sign"]}', 'JW037'),
        ('key_ops empty', '{"key_ops":[]}', 'JW037'),
        ('key_ops twice the same', '{"key_ops":["verify","verify"]}', 'JW030'),
        ('key_ops: a string', '{"key_ops":"verify"}', 'JW030'),
        ('alg: a number', '{"alg":1}', 'JW030'),
        ('kid: a number', '{"kid":1}', 'JW030'),
        ('an unknown kty', '{"kty":"LWE"}', 'JW031'),
        ('kty: null', '{"kty":null}', 'JW030'),
        ('a member that nobody knows', '{"x-new":{"a":1}}', 'ok')
    ) AS c(what, changes, expected)
WHERE alg IN ('HS256', 'RS256', 'ES256', 'EdDSA');

SELECT is(verifies(token, jwk || changes), expected, format('%s: %s', alg, what))
FROM (VALUES
    ('ES256', 'crv of another size', '{"crv":"P-384"}'::jsonb, 'JW032'),
    ('ES256', 'crv of the same size', '{"crv":"secp256k1"}', 'JW032'),
    ('ES256', 'crv unknown', '{"crv":"P-224"}', 'JW031'),
    ('ES256', 'crv: null', '{"crv":null}', 'JW030'),
    ('EdDSA', 'crv for agreement', '{"crv":"X25519","d":null}', 'JW030'),
    ('EdDSA', 'crv of another size', '{"crv":"Ed448"}', 'JW032'),
    ('ES256', 'kty RSA', '{"kty":"RSA"}', 'JW030'),
    ('RS256', 'kty EC', '{"kty":"EC"}', 'JW030'),
    ('RS256', 'kty oct', '{"kty":"oct"}', 'JW030')
) AS c(alg, what, changes, expected) JOIN keys USING (alg);

-- ---------------------------------------------------------------------------
-- kid selects in a JWKS, and is a hint for one key

CREATE FUNCTION signed(kid text) RETURNS text LANGUAGE sql AS $$
    SELECT jwt.sign('{"sub": "alice"}', rfc_key('RFC 7515 A.3') - 'kid', header => CASE WHEN kid IS NOT NULL THEN jsonb_build_object('kid', kid) ELSE '{}' END)
$$;
CREATE FUNCTION other() RETURNS jsonb LANGUAGE sql STABLE
RETURN jwt.public_key(rfc_key('RFC 7517 A.2') -> 'keys' -> 0) - 'use' - 'kid';
CREATE FUNCTION own() RETURNS jsonb LANGUAGE sql STABLE
RETURN jwt.public_key(rfc_key('RFC 7515 A.3'));
CREATE FUNCTION ring(VARIADIC keys jsonb[]) RETURNS jsonb LANGUAGE sql STABLE
RETURN jsonb_build_object('keys', to_jsonb(keys));

SELECT is(verifies(signed(kid), keys), expected, what)
FROM (VALUES
    ('one key: the same kid', 'a', own() || '{"kid":"a"}', 'ok'),
    ('one key: another kid', 'b', own() || '{"kid":"a"}', 'ok'),
    ('one key: the token has none', NULL, own() || '{"kid":"a"}', 'ok'),
    ('one key: the key has none', 'a', own(), 'ok'),
    ('a set: its kid', 'a', ring(other() || '{"kid":"b"}', own() || '{"kid":"a"}'), 'ok'),
    ('a set: the kid of another key', 'b', ring(other() || '{"kid":"b"}', own() || '{"kid":"a"}'), 'JW007'),
    ('a set: nobody''s kid', 'c', ring(other() || '{"kid":"b"}', own() || '{"kid":"a"}'), 'JW006'),
    ('a set: kid in other letters', 'A', ring(own() || '{"kid":"a"}'), 'JW006'),
    ('a set: the token has no kid, all that fit are tried', NULL, ring(other() || '{"kid":"b"}', own() || '{"kid":"a"}'), 'ok'),
    ('a set: the key has no kid', 'a', ring(own()), 'JW006'),
    ('a set: no kid anywhere', NULL, ring(other(), own()), 'ok'),
    ('a set: two keys of one kid', 'a', ring(other() || '{"kid":"a"}', own() || '{"kid":"a"}'), 'ok'),
    ('a set: its kid is of another type', 'a', ring(rfc_key('RFC 7638 3.1') - 'alg' || '{"kid":"a"}', own() || '{"kid":"b"}'), 'JW036'),
    ('a set: its kid is of another use', 'a', ring(own() || '{"kid":"a","use":"enc"}'), 'JW037'),
    ('a set: keys not understood are left out', 'a', ring('{"kty":"LWE","kid":"x"}', '{"kty":"EC"}', own() || '{"kid":"a"}'), 'ok'),
    ('a set: only keys not understood', 'a', ring('{"kty":"LWE","kid":"a"}'), 'JW006'),
    ('a set: nothing in it', 'a', '{"keys":[]}', 'JW006'),
    ('a set: not a list', 'a', '{"keys":{}}', 'JW030'),
    ('a set: a string in it', 'a', '{"keys":["a"]}', 'JW030'),
    ('a set and a key at once', 'a', own() || ring(own() || '{"kid":"a"}'), 'JW030'),
    ('not an object: a list', 'a', jsonb_build_array(own()), 'JW030'),
    ('not an object: a string', 'a', to_jsonb(secret()), 'JW030'),
    ('an empty object', 'a', '{}', 'JW030')
) AS t(what, kid, keys, expected);

-- Without kid few keys are tried: the ninth of one kind is not
SELECT is(verifies(signed(NULL), ring(VARIADIC array_fill(other(), ARRAY[n]) || own())), expected, format('behind %s others', n))
FROM (VALUES (7, 'ok'), (8, 'JW007')) AS t(n, expected);
SELECT is(verifies(signed('a'), ring(VARIADIC array_fill(other() || '{"kid":"b"}', ARRAY[63]) || (own() || '{"kid":"a"}'))), 'ok',
    'with kid the last of 64 is found');

-- ---------------------------------------------------------------------------
-- Keys as text

SELECT is(jwt.verify(signed(NULL), jwt.key_to_pem(own())) ->> 'sub', 'alice', 'a PEM');
SELECT is(jwt.verify(signed(NULL), E'\n\t ' || jwt.key_to_pem(own())) ->> 'sub', 'alice', 'a PEM, indented');
SELECT is(jwt.verify(signed(NULL), own()::text) ->> 'sub', 'alice', 'a JWK as text');
SELECT is(jwt.verify(signed('a'), ring(own() || '{"kid":"a"}')::text) ->> 'sub', 'alice', 'a JWKS as text');
SELECT is(jwt.verify(signed(NULL), rfc_key('RFC 7515 A.3')) ->> 'sub', 'alice', 'a private key verifies too');
SELECT is(jwt.verify(token('{"n":1}'), secret()), '{"n": 1}', 'a secret');

-- ---------------------------------------------------------------------------
-- Nulls

SELECT is(jwt.verify(NULL, secret()), NULL, 'no token: null');
SELECT is(jwt.verify(NULL::text), NULL, 'no token, no key: null');
SELECT refuses(format('SELECT jwt.verify(%L, %s)', token('{}'), key), '22004', 'a null key does not mean jwt.issuers: ' || key)
FROM unnest(ARRAY['NULL::text', 'NULL::jsonb', 'key => NULL::text', 'key => NULL::jsonb']) AS key;

-- ---------------------------------------------------------------------------
-- A verified token is remembered; the terms it was verified on are not

CREATE TEMPORARY TABLE remembered ON COMMIT DROP AS
SELECT jwt.sign(jsonb_build_object('sub', 'alice', 'pad', repeat('x', 256)), rfc_key('RFC 7515 A.3')) AS token;
SELECT is(verifies(token, own()), 'ok', 'verified once') FROM remembered;
SELECT is(verifies(token, own()), 'ok', 'and again') FROM remembered;
SELECT is(verifies(token, other()), 'JW007', 'not with another key') FROM remembered;
SELECT is(verifies(token, own() || '{"use":"enc"}'), 'JW037', 'not with the same key for another use') FROM remembered;
SELECT is(verifies(token, own(), '{ES384}'), 'JW003', 'not with other algorithms') FROM remembered;
SELECT is(verifies(left(token, -1), own()), 'JW001', 'not without its last character') FROM remembered;
SELECT refuses(format('SELECT jwt.verify(%L, own(), issuer => %L)', token, 'https://a'), 'JW014', 'not for another issuer') FROM remembered;
SELECT refuses(format('SELECT jwt.verify(%L, own(), type => %L)', token, 'at+jwt'), 'JW018', 'not as another type') FROM remembered;
SET LOCAL oauth_jwt.max_token_size = 256;
SELECT is(verifies(token, own()), 'JW005', 'not when it is too large by now') FROM remembered;
RESET oauth_jwt.max_token_size;

SET LOCAL oauth_jwt.allow_short_hmac_keys = on;
CREATE TEMPORARY TABLE short ON COMMIT DROP AS SELECT jwt.sign('{}', 'short') AS token;
SELECT is(jwt.verify(token, 'short'), '{}', 'a short secret, while it is allowed') FROM short;
RESET oauth_jwt.allow_short_hmac_keys;
SELECT refuses(format('SELECT jwt.verify(%L, %L)', token, 'short'), 'JW033', 'and not once it is not') FROM short;

SELECT finish();
ROLLBACK;
