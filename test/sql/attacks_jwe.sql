\i test/tap.psql
-- Attacks on encrypted tokens.
BEGIN;
\i test/forge.psql
SELECT no_plan();

CREATE FUNCTION oct(bytes integer, alg text DEFAULT NULL) RETURNS jsonb LANGUAGE sql IMMUTABLE
RETURN jsonb_strip_nulls(jsonb_build_object('kty', 'oct', 'k', b64(substr(sha512('one'), 1, bytes)), 'alg', alg));
CREATE FUNCTION header(token text) RETURNS jsonb LANGUAGE sql IMMUTABLE
RETURN convert_from(unb64(split_part(token, '.', 1)), 'UTF8')::jsonb;
CREATE FUNCTION with_part(token text, n integer, part text) RETURNS text LANGUAGE sql IMMUTABLE
RETURN (SELECT string_agg(CASE i WHEN n THEN part ELSE split_part(token, '.', i) END, '.' ORDER BY i) FROM generate_series(1, 5) AS i);
CREATE FUNCTION with_header(token text, header text) RETURNS text LANGUAGE sql IMMUTABLE
RETURN with_part(token, 1, b64(header));
-- An encrypted token of exactly this header, encrypted key and content encryption
-- key, its tag right: AES-CBC does not depend on the header, so its part comes
-- from an honest token, and the HMAC (RFC 7518 5.2.2.1) from SQL.
CREATE FUNCTION forge_jwe(header text, encrypted_key text, cek bytea) RETURNS text LANGUAGE sql AS $$
    SELECT concat_ws('.', b64(header), encrypted_key, b64(iv), b64(ciphertext),
        b64(substr(hs256(convert_to(b64(header), 'UTF8') || iv || ciphertext || int8send(8 * length(b64(header))), substr(cek, 1, 16)), 1, 16)))
    FROM jwt.jwe_encrypt('mallory''s', jsonb_build_object('kty', 'oct', 'k', b64(cek)), '{"alg":"dir","enc":"A128CBC-HS256"}') AS token,
        LATERAL (SELECT unb64(split_part(token, '.', 3)) AS iv, unb64(split_part(token, '.', 4)) AS ciphertext) AS parts
$$;
CREATE FUNCTION verdict(token text, jwk jsonb, algorithms text[] DEFAULT NULL) RETURNS text LANGUAGE sql AS $$
    SELECT coalesce((refusal(format('SELECT jwt.jwe_decrypt(%L, %L, %L)', token, jwk, algorithms))).code, 'ok')
$$;

CREATE TEMPORARY TABLE sealed ON COMMIT DROP AS
SELECT name, alg, jwk, jwt.jwe_encrypt('secret plaintext', CASE jwk ->> 'kty' WHEN 'oct' THEN jwk ELSE jwt.public_key(jwk) END, header) AS token
FROM (VALUES
    ('dir, GCM', 'dir', oct(32), '{"alg":"dir","enc":"A256GCM"}'::jsonb), ('dir, CBC', 'dir', oct(32), '{"alg":"dir","enc":"A128CBC-HS256"}'),
    ('A256KW', 'A256KW', oct(32), '{"alg":"A256KW"}'), ('A256GCMKW', 'A256GCMKW', oct(32), '{"alg":"A256GCMKW"}'), ('PBES2', 'PBES2-HS256+A128KW', oct(32), '{"alg":"PBES2-HS256+A128KW","p2c":1000}'),
    ('RSA-OAEP', 'RSA-OAEP', rfc_key('RFC 7515 A.2'), '{"alg":"RSA-OAEP"}'), ('RSA-OAEP-256', 'RSA-OAEP-256', rfc_key('RFC 7515 A.2'), '{"alg":"RSA-OAEP-256"}'),
    ('ECDH-ES, P-256', 'ECDH-ES', rfc_key('RFC 7515 A.3'), '{"alg":"ECDH-ES"}'), ('ECDH-ES+A128KW, P-256', 'ECDH-ES+A128KW', rfc_key('RFC 7515 A.3'), '{"alg":"ECDH-ES+A128KW"}'),
    ('ECDH-ES, X25519', 'ECDH-ES', jwt.generate_key('ECDH-ES', curve => 'X25519'), '{"alg":"ECDH-ES"}')
) AS t(name, alg, jwk, header);
SELECT is(verdict(token, jwk, ARRAY[alg]), 'ok', name || ': opens') FROM sealed;
SELECT is(verdict(forge_jwe('{"alg":"dir","enc":"A128CBC-HS256"}', '', sha256('cek')), jsonb_build_object('kty', 'oct', 'k', b64(sha256('cek'))), '{dir}'), 'ok', 'what is forged opens');

-- ---------------------------------------------------------------------------
-- Oracles (Bleichenbacher, Vaudenay, Manger).  If a wrong encrypted key, a wrong
-- padding and a wrong tag can be told apart, a token is decrypted by asking often
-- enough.  So: one SQLSTATE, one message, no detail.

CREATE TEMPORARY TABLE broken ON COMMIT DROP AS
SELECT name, alg, jwk, what, bent
FROM sealed, LATERAL (VALUES
    ('encrypted key: a bit turned', 2, CASE WHEN unb64(split_part(token, '.', 2)) <> '' THEN set_bit(unb64(split_part(token, '.', 2)), 3, 1 - get_bit(unb64(split_part(token, '.', 2)), 3)) END),
    ('encrypted key: empty, or not', 2, CASE WHEN split_part(token, '.', 2) = '' THEN '\x00112233445566778899aabbccddeeff'::bytea ELSE '' END),
    ('encrypted key: short', 2, CASE WHEN split_part(token, '.', 2) <> '' THEN '\x00'::bytea END), ('encrypted key: zeros', 2, CASE WHEN split_part(token, '.', 2) <> '' THEN decode(repeat('00', length(unb64(split_part(token, '.', 2)))), 'hex') END),
    ('encrypted key: ones', 2, CASE WHEN split_part(token, '.', 2) <> '' THEN decode(repeat('ff', length(unb64(split_part(token, '.', 2)))), 'hex') END), ('encrypted key: long', 2, decode(repeat('ab', 300), 'hex')),
    ('iv: a bit turned', 3, set_bit(unb64(split_part(token, '.', 3)), 3, 1 - get_bit(unb64(split_part(token, '.', 3)), 3))), ('iv: empty', 3, ''), ('iv: a byte short', 3, substr(unb64(split_part(token, '.', 3)), 2)), ('iv: a byte long', 3, unb64(split_part(token, '.', 3)) || '\x00'),
    ('ciphertext: a bit turned', 4, set_bit(unb64(split_part(token, '.', 4)), 3, 1 - get_bit(unb64(split_part(token, '.', 4)), 3))), ('ciphertext: the last bit turned', 4, set_bit(unb64(split_part(token, '.', 4)), 8 * length(unb64(split_part(token, '.', 4))) - 8, 1 - get_bit(unb64(split_part(token, '.', 4)), 8 * length(unb64(split_part(token, '.', 4))) - 8))),
    ('ciphertext: empty', 4, ''), ('ciphertext: a byte short', 4, substr(unb64(split_part(token, '.', 4)), 2)), ('ciphertext: a block long', 4, unb64(split_part(token, '.', 4)) || decode(repeat('10', 16), 'hex')),
    ('tag: a bit turned', 5, set_bit(unb64(split_part(token, '.', 5)), 3, 1 - get_bit(unb64(split_part(token, '.', 5)), 3))), ('tag: empty', 5, ''), ('tag: long', 5, unb64(split_part(token, '.', 5)) || '\x00'), ('tag: zeros', 5, decode(repeat('00', 16), 'hex'))
) AS t(what, part, bytes), LATERAL with_part(token, part, b64(bytes)) AS bent
WHERE bytes IS NOT NULL;
-- A tag cut short is guessed: one byte in 256 tries
INSERT INTO broken
SELECT name, alg, jwk, format('tag: %s bytes', n), with_part(token, 5, b64(substr(unb64(split_part(token, '.', 5)), 1, n))) FROM sealed, generate_series(1, 15) AS n;
INSERT INTO broken SELECT name, alg, jwk, 'header: a member more', with_header(token, (header(token) || '{"x":1}')::text) FROM sealed;
INSERT INTO broken SELECT name, alg, CASE jwk ->> 'kty' WHEN 'oct' THEN jwk || jsonb_build_object('k', b64(sha256('other'))) WHEN 'EC' THEN jwt.generate_key('ECDH-ES') WHEN 'OKP' THEN jwt.generate_key('ECDH-ES', curve => 'X25519') END - 'alg', 'another key', token
FROM sealed WHERE jwk ->> 'kty' <> 'RSA';

SELECT is((SELECT string_agg(DISTINCT format('%s: %s', what, coalesce(r.code, 'accepted')), ', ') FROM broken AS b, refusal(format('SELECT jwt.jwe_decrypt(%L, %L, %L)', bent, jwk, ARRAY[alg])) AS r
    WHERE b.name = s.name AND to_jsonb(r) <> '{"code":"JW008","message":"token cannot be decrypted","detail":"","hint":""}'), NULL, name || ': one answer to all that is wrong')
FROM sealed AS s;
SELECT cmp_ok(count(*), '>=', 300::bigint, 'of so many tries') FROM broken;

-- ---------------------------------------------------------------------------
-- Invalid curve, small subgroup (CVE-2017-16007).  The ephemeral key is the
-- sender's: a point off the curve, or of low order, makes the agreed secret tell
-- of the private key.

CREATE FUNCTION zeros(n integer) RETURNS text LANGUAGE sql IMMUTABLE RETURN b64(decode(repeat('00', n), 'hex'));
SELECT is(verdict(with_header(token, (header(token) || jsonb_build_object('epk', epk))::text), jwk), 'JW008', format('%s, epk: %s', name, what))
FROM sealed, LATERAL (VALUES
    ('off the curve', header(token) -> 'epk' || jsonb_build_object('y', header(token) -> 'epk' -> 'x')),
    ('infinity, as zeros', jsonb_build_object('kty', 'EC', 'crv', 'P-256', 'x', zeros(32), 'y', zeros(32))),
    ('infinity, as nothing', '{"kty":"EC","crv":"P-256","x":"","y":""}'),
    ('another curve', jwt.public_key(jwt.generate_key('ECDH-ES', curve => 'P-384'))),
    ('another curve of the same size', jwt.public_key(jwt.generate_key('ES256K')) - 'use' - 'alg'),
    ('a curve of another type', jwt.public_key(jwt.generate_key('ECDH-ES', curve => 'X25519'))),
    ('beyond the field', header(token) -> 'epk' || jsonb_build_object('x', b64(decode(repeat('ff', 32), 'hex')))),
    ('an RSA key', jwt.public_key(rfc_key('RFC 7515 A.2'))), ('a secret', oct(32)),
    ('null', 'null'), ('a string', '"x"'), ('a number', '1'), ('an empty object', '{}'), ('a list', '[]')
) AS t(what, epk)
WHERE name LIKE '%P-256';
SELECT is(verdict(with_header(token, (header(token) - 'epk')::text), jwk), 'JW008', name || ', no epk') FROM sealed WHERE name LIKE 'ECDH%';
-- The points of low order on X25519, RFC 7748 6.1.  What is agreed with them is
-- all zeros, so the attacker knows the key: but for the point these would open.
CREATE FUNCTION concat_kdf(z bytea) RETURNS bytea LANGUAGE sql IMMUTABLE
RETURN sha256(int4send(1) || z || int4send(13) || convert_to('A128CBC-HS256', 'UTF8') || int4send(0) || int4send(0) || int4send(256));
SELECT is(verdict(forge_jwe(format('{"alg":"ECDH-ES","enc":"A128CBC-HS256","epk":{"kty":"OKP","crv":"X25519","x":"%s"}}', b64(decode(point, 'hex'))), '', concat_kdf(decode(repeat('00', 32), 'hex'))), jwk, ARRAY[alg]),
    'JW008', 'ECDH-ES, X25519, epk of low order: ' || left(point, 8))
FROM sealed, unnest(ARRAY[repeat('00', 32), '01' || repeat('00', 31), 'e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800', '5f9c95bca3508c24b1d0b1559c83ef5b04445cc4581c8e86d8224eddd09f1157',
    'ec' || repeat('ff', 30) || '7f', 'ed' || repeat('ff', 30) || '7f', 'ee' || repeat('ff', 30) || '7f']) AS point
WHERE name = 'ECDH-ES, X25519';
-- RFC 7518 C: the derivation above is the standard's
SELECT is(b64(substr(sha256(int4send(1) || unb64('nlbZHYFxNdNyg0KDv4QmnPsxbqPagGpI9tqneYz-kMQ') || int4send(7) || 'A128GCM' || int4send(5) || 'Alice' || int4send(3) || 'Bob' || int4send(128)), 1, 16)), 'VqqN6vgjbSBcIijNcacQGg', 'RFC 7518 C');
-- A point of order two, off the curve: with an odd private key what is agreed is
-- its own x
SELECT is(verdict(forge_jwe(format('{"alg":"ECDH-ES","enc":"A128CBC-HS256","epk":{"kty":"EC","crv":"P-256","x":"%s","y":"%s"}}', b64(sha256('x')), zeros(32)), '', concat_kdf(sha256('x'))), jwk, '{ECDH-ES}'), 'JW008', 'ECDH-ES, P-256, epk of order two')
FROM (SELECT jwt.generate_key('ECDH-ES') AS jwk FROM generate_series(1, 100)) AS keys WHERE get_byte(unb64(jwk ->> 'd'), 31) % 2 = 1 LIMIT 1;
-- and as the recipient's own key
SELECT refuses(format('SELECT jwt.jwe_encrypt(''x'', %L)', jsonb_build_object('kty', 'OKP', 'crv', 'X25519', 'x', zeros(32))), 'JW032', 'nor is one encrypted to');

-- ---------------------------------------------------------------------------
-- PBES2 (CVE-2023-52428's kin).  The token says how often the recipient must
-- hash before it knows whether the token is genuine.

CREATE TEMPORARY TABLE clock ON COMMIT DROP AS SELECT clock_timestamp() AS started;
SELECT is(verdict(with_header(token, replace((header(token) - 'p2c')::text, '}', coalesce(',"p2c":' || count, '') || '}')), jwk, ARRAY[alg]), 'JW009', 'p2c: ' || coalesce(count, 'missing'))
FROM sealed, unnest(ARRAY['2147483648', '2147483647', '4294967296', '4294968296', '18446744073709552616', '1000001', '999', '1', '0', '-1', '-1000', '1e6', '1000.0', '1e400', '"1000"', 'null', 'true', '[1000]', NULL]) AS count
WHERE name = 'PBES2';
SELECT ok(clock_timestamp() < started + '1 second', 'at once') FROM clock;
SELECT is(verdict(with_header(token, (header(token) || jsonb_build_object('p2s', p2s))::text), jwk, ARRAY[alg]), 'JW008', 'p2s: ' || p2s::text)
FROM sealed, unnest(ARRAY['""', '"AA"', '"AAAAAAAAAA"', 'null', '1', '"+/+/+/+/+/+/"']::jsonb[]) AS p2s
WHERE name = 'PBES2';

-- ---------------------------------------------------------------------------
-- The header

SELECT is(verdict(forge_jwe(header, '', sha256('cek')), jsonb_build_object('kty', 'oct', 'k', b64(sha256('cek'))), '{dir}'), code, header)
FROM (VALUES
    ('{"alg":"none","enc":"A128CBC-HS256"}', 'JW002'), ('{"alg":"RSA1_5","enc":"A128CBC-HS256"}', 'JW002'), ('{"alg":"HS256","enc":"A128CBC-HS256"}', 'JW002'), ('{"alg":"DIR","enc":"A128CBC-HS256"}', 'JW002'), ('{"enc":"A128CBC-HS256"}', 'JW001'), ('{"alg":"dir"}', 'JW001'),
    ('{"alg":"dir","enc":"none"}', 'JW002'), ('{"alg":"dir","enc":"dir"}', 'JW002'), ('{"alg":"dir","enc":null}', 'JW001'), ('{"alg":"dir","enc":"A256CBC"}', 'JW002'), ('{"alg":"dir","enc":"A128CBC-HS256","enc":"A256GCM"}', 'JW001'), ('{"alg":"dir","\u0065nc":"A256GCM","enc":"A128CBC-HS256"}', 'JW001'),
    ('{"alg":"dir","enc":"A128CBC-HS256","zip":"DEF"}', 'JW002'), ('{"alg":"dir","enc":"A128CBC-HS256","zip":null}', 'JW002'), ('{"alg":"dir","enc":"A128CBC-HS256","crit":["x"],"x":1}', 'JW004'), ('{"alg":"dir","enc":"A128CBC-HS256","crit":["b64"],"b64":true}', 'JW004'), ('{"alg":"dir","enc":"A128CBC-HS256","crit":[]}', 'JW004'), ('{"alg":"dir","enc":"A128CBC-HS256","crit":["enc"]}', 'JW004'),
    ('{"alg":"A256KW","enc":"A128CBC-HS256"}', 'JW003'), ('{"alg":"dir","enc":"A128CBC-HS256","kid":1}', 'JW001'),
    ('{"alg":"dir","enc":"A128CBC-HS256","jku":"http://127.0.0.1:9/","x":[1]}', 'ok')
) AS t(header, code);
-- dir has no encrypted key: one that is there would be read by somebody else
SELECT is(verdict(with_part(token, 2, 'AAAA'), jwk, ARRAY[alg]), 'JW008', name || ' with an encrypted key') FROM sealed WHERE name IN ('dir, GCM', 'dir, CBC', 'ECDH-ES, P-256', 'ECDH-ES, X25519');
-- The tag and iv of A256GCMKW, in the header
SELECT is(verdict(with_header(token, (header(token) || changes)::text), jwk, ARRAY[alg]), 'JW008', 'A256GCMKW: ' || changes::text) FROM sealed, unnest(ARRAY['{"tag":""}', '{"tag":"AA"}', '{"iv":""}', '{"iv":"AAAAAAAAAAAAAAAA"}', '{"iv":null}', '{"tag":1}']::jsonb[]) AS changes WHERE name = 'A256GCMKW';

-- ---------------------------------------------------------------------------
-- Other texts for the same token

SELECT is(verdict(text, jwk, ARRAY[alg]), 'JW001', what)
FROM sealed, LATERAL (VALUES ('padding', token || '='), ('a blank', token || ' '), ('a line feed', token || E'\n'), ('six parts', token || '.'), ('four parts', substring(token FROM '^(.*)\.')), ('unused bits', left(token, -1) || translate(right(token, 1), 'AQgw', 'BRhx')), ('an empty header', '.' || substring(token FROM '\.(.*)$'))) AS t(what, text)
WHERE name = 'dir, GCM';

-- ---------------------------------------------------------------------------
-- A public key encrypts for everybody: what it decrypts is signed by nobody, and
-- verify does not take it for signed.

SELECT is((jwt.check(token, jwk)).error, 'token is encrypted, not signed', name || ' is not verified') FROM sealed;
SELECT is((jwt.check(token)).error, 'token is encrypted, not signed', name || ' is not verified against jwt.issuers') FROM sealed;

SELECT finish();
ROLLBACK;
