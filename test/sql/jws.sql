\i test/tap.psql
-- JWS of any payload, and bare signatures: jwt.jws_sign, jwt.jws_verify,
-- jwt.signature_verify.
BEGIN;
\i test/forge.psql
SELECT no_plan();

-- ---------------------------------------------------------------------------
-- The RFCs' own tokens

SELECT is(jwt.jws_verify(line ->> 'token', line -> 'key'), unb64(line ->> 'payload'), line ->> 'id')
FROM vectors WHERE line ->> 'expect' = 'valid' ORDER BY line ->> 'id' COLLATE "C";
SELECT is(jwt.jws_verify(line ->> 'token', line -> 'key', ARRAY[line ->> 'alg']), unb64(line ->> 'payload'), (line ->> 'id') || ', its algorithm named')
FROM vectors WHERE line ->> 'expect' = 'valid' ORDER BY line ->> 'id' COLLATE "C";
SELECT refuses(format('SELECT jwt.jws_verify(%L, %L)', line ->> 'token', line -> 'key'),
    CASE line ->> 'alg' WHEN 'none' THEN 'JW002' ELSE 'JW001' END, (line ->> 'id') || ': refused')
FROM vectors WHERE line ->> 'expect' = 'refused' ORDER BY line ->> 'id' COLLATE "C";
SELECT is(jwt.jws_verify(replace(rfc(id) ->> 'token', '..', '.' || (rfc(id) ->> 'payload') || '.'), rfc_key(id)), unb64(rfc(id) ->> 'payload'), id || ', put together')
FROM unnest(ARRAY['RFC 7515 F (detached, A.1''s)']) AS id;
SELECT refuses(format('SELECT jwt.jws_verify(%L, %L)', line ->> 'token', line -> 'key'), 'JW007', (line ->> 'id') || ': not without its payload')
FROM vectors WHERE line ->> 'expect' = 'detached' ORDER BY line ->> 'id' COLLATE "C";
-- The payload of RFC 7797 4.2, "$.02", has a dot, which compact form cannot carry
SELECT refuses(format('SELECT jwt.jws_verify(%L, %L)', replace(rfc(id) ->> 'token', '..', '.$.02.'), rfc_key(id)), 'JW001', id || ', put together')
FROM unnest(ARRAY['RFC 7797 4.2 (detached, not encoded)']) AS id;

-- ---------------------------------------------------------------------------
-- Signing

CREATE FUNCTION key() RETURNS jsonb LANGUAGE sql STABLE RETURN rfc_key('RFC 7515 A.3');
SELECT is(jwt.jws_verify(jwt.jws_sign(payload, key()), jwt.public_key(key())), payload, what)
FROM (VALUES
    ('a text', 'a text'::bytea), ('nothing', ''), ('zero bytes', '\x000000'), ('all bytes', (SELECT string_agg(set_byte('\x00', 0, i), '') FROM generate_series(0, 255) AS i)),
    ('an array', '[1, 2]'), ('a token', token('{}')::bytea), ('40,000 bytes', repeat('x', 40000)::bytea)
) AS t(what, payload);
SELECT is((jwt.decode(jwt.jws_sign('{}', key(), header))).header, expected, what)
FROM (VALUES
    ('no typ of its own', NULL::jsonb, '{"alg":"ES256"}'::jsonb),
    ('the caller''s members', '{"typ":"x","cty":"text/plain","kid":"k","a":[1]}', '{"alg":"ES256","typ":"x","cty":"text/plain","kid":"k","a":[1]}')
) AS t(what, header, expected);
SELECT is(jwt.jws_sign(NULL, key()), NULL, 'payload null: null');
SELECT is(jwt.jws_sign('x', NULL), NULL, 'key null: null');

-- RFC 7797: a payload that is not encoded
SELECT is(split_part(jwt.jws_sign('plain words!', key(), '{"b64":false,"crit":["b64"]}'), '.', 2), 'plain words!', 'b64 false: the payload as it is');
SELECT is(jwt.jws_verify(jwt.jws_sign('plain words!', key(), '{"b64":false,"crit":["b64"]}'), key()), 'plain words!', 'b64 false: verified');
SELECT is(jwt.jws_verify(jwt.jws_sign('x', key(), '{"b64":true,"crit":["b64"]}'), key()), 'x', 'b64 true, and critical');
SELECT is(jwt.jws_verify(jwt.jws_sign('x', key(), '{"b64":true}'), key()), 'x', 'b64 true');
SELECT is(jwt.jws_verify(seal(b64('{"alg":"HS256","crit":["b64"],"b64":false}') || '.$02'), jsonb_build_object('kty', 'oct', 'k', b64(secret()))), '$02', 'b64 false: of another hand');
SELECT refuses(format('SELECT jwt.jws_sign(%L::bytea, key(), %L)', payload, header), code, what)
FROM (VALUES
    ('b64 false: a dot in the payload', 'a.b'::bytea, '{"b64":false,"crit":["b64"]}', 'JW001'),
    ('b64 false: a control character', E'a\nb', '{"b64":false,"crit":["b64"]}', 'JW001'),
    ('b64 false: not ASCII', '\xc3a9', '{"b64":false,"crit":["b64"]}', 'JW001'),
    ('b64 false, not critical', 'x', '{"b64":false}', 'JW004'),
    ('b64: a string', 'x', '{"b64":"false","crit":["b64"]}', 'JW001'),
    ('b64 critical, and absent', 'x', '{"crit":["b64"]}', 'JW004')
) AS t(what, payload, header, code);
SELECT refuses(format('SELECT jwt.jws_verify(%L, %L)', token, jsonb_build_object('kty', 'oct', 'k', b64(secret()))), 'JW001', what)
FROM (VALUES
    ('b64 false, verified: a control character', seal(b64('{"alg":"HS256","crit":["b64"],"b64":false}') || E'.a\tb')),
    ('b64 false, verified: not ASCII', seal(b64('{"alg":"HS256","crit":["b64"],"b64":false}') || '.é')),
    ('b64 true, and the payload is not base64url', seal(b64('{"alg":"HS256"}') || '.$02'))
) AS t(what, token);

SELECT refuses(format('SELECT jwt.jws_sign(''x'', %L, %L)', jwk, header), code, what)
FROM (VALUES
    ('alg none', key(), '{"alg":"none"}', 'JW002'),
    ('an alg of encryption', key(), '{"alg":"ECDH-ES"}', 'JW002'),
    ('an alg of another key', key(), '{"alg":"RS256"}', 'JW036'),
    ('a public key', jwt.public_key(key()), '{}', 'JW038'),
    ('a key for encryption', key() || '{"use":"enc"}', '{}', 'JW037'),
    ('crit not understood', key(), '{"crit":["x"],"x":1}', 'JW004'),
    ('header: no object', key(), '"x"', 'JW001'),
    ('no kid like this in the set', jsonb_build_object('keys', jsonb_build_array(key())), '{"kid":"x"}', 'JW006'),
    ('no key', '{}', '{}', 'JW030')
) AS t(what, jwk, header, code);

-- ---------------------------------------------------------------------------
-- Verifying

CREATE TEMPORARY TABLE signed ON COMMIT DROP AS SELECT jwt.jws_sign('x', key()) AS token;
SELECT is(jwt.jws_verify(NULL, key()), NULL, 'token null: null');
SELECT is(jwt.jws_verify('e30.e30.AA', NULL), NULL, 'key null: null');
SELECT is(jwt.jws_verify(token, key(), '{}'), 'x', 'algorithms empty: the key''s') FROM signed;
SELECT refuses(format('SELECT jwt.jws_verify(%L, %L, %L)', left(token, cut), key, algorithms), code, what)
FROM signed, (VALUES
    ('another algorithm', 1000, key(), '{ES384}', 'JW003'),
    ('algorithm none', 1000, key(), '{none}', 'JW002'),
    ('algorithm null', 1000, key(), '{NULL}', '22004'),
    ('another key', 1000, rfc_key('RFC 7517 A.2') -> 'keys' -> 0 || '{"use":"sig"}', NULL, 'JW007'),
    ('a key of another use', 1000, rfc_key('RFC 7517 A.2') -> 'keys' -> 0, NULL, 'JW037'),
    ('a key of another type', 1000, rfc_key('RFC 7515 A.1'), NULL, 'JW003'),
    ('a key of another type, allowed', 1000, rfc_key('RFC 7515 A.1'), '{ES256}', 'JW036'),
    ('no signature', -86, key(), NULL, 'JW007'),
    ('a shorter signature', -2, key(), NULL, 'JW007')
) AS t(what, cut, key, algorithms, code);
SELECT refuses(format('SELECT jwt.jws_verify(%L, key())', repeat('x', 65537)), 'JW005', 'too large');

-- ---------------------------------------------------------------------------
-- A signature without a token

CREATE FUNCTION raw(token text) RETURNS bytea LANGUAGE sql RETURN unb64(split_part(token, '.', 3));
CREATE FUNCTION message(token text) RETURNS bytea LANGUAGE sql RETURN convert_to(substring(token FROM '^(.*)\.'), 'UTF8');
SELECT is(jwt.signature_verify(message(line ->> 'token'), raw(line ->> 'token'), line -> 'key', line ->> 'alg'), true, line ->> 'id')
FROM vectors WHERE line ->> 'expect' = 'valid' ORDER BY line ->> 'id' COLLATE "C";
SELECT is(jwt.signature_verify(message(line ->> 'token') || 'x', raw(line ->> 'token'), line -> 'key', line ->> 'alg'), false, (line ->> 'id') || ', another message')
FROM vectors WHERE line ->> 'expect' = 'valid' ORDER BY line ->> 'id' COLLATE "C";
SELECT is(jwt.signature_verify(message(token), raw(token), key()), true, 'the key''s own algorithm') FROM signed;
SELECT is(jwt.signature_verify(message(token), s, key()), false, what)
FROM signed, LATERAL (VALUES
    ('empty', ''::bytea), ('one byte short', substr(raw(token), 1, 63)), ('one byte long', raw(token) || '\x00'), ('halves swapped', substr(raw(token), 33) || substr(raw(token), 1, 32)),
    ('zeros', decode(repeat('00', 64), 'hex'))
) AS t(what, s);
SELECT is(jwt.signature_verify(hs256, hs256('x', convert_to(secret(), 'UTF8')), jsonb_build_object('kty', 'oct', 'k', b64(secret())), 'HS256'), true, 'HMAC')
FROM (VALUES ('x'::bytea)) AS t(hs256);
SELECT is(jwt.signature_verify(m, s, k), NULL, 'null: null')
FROM (VALUES (NULL, 'x'::bytea, key()), ('x'::bytea, NULL, key()), ('x', 'x', NULL)) AS t(m, s, k);
SELECT refuses(format('SELECT jwt.signature_verify(''x'', ''x'', %L, %L)', jwk, algorithm), code, what)
FROM (VALUES
    ('an unknown algorithm', key(), 'none', 'JW002'),
    ('an algorithm of encryption', key(), 'dir', 'JW002'),
    ('an algorithm of another key', key(), 'RS256', 'JW036'),
    ('a key of another use', key() || '{"use":"enc"}', NULL, 'JW037'),
    ('a short secret', '{"kty":"oct","k":"AAAA"}', 'HS256', 'JW033'),
    ('no key in the set', '{"keys":[]}', NULL, 'JW006'),
    ('a key of no signature', jwt.generate_key('ECDH-ES', curve => 'X25519') - 'alg' - 'use', NULL, 'JW002'),
    ('no key', '{}', NULL, 'JW030')
) AS t(what, jwk, algorithm, code);

SELECT finish();
ROLLBACK;
