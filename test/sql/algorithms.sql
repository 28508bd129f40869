\i test/tap.psql
-- Every algorithm: generate, sign, verify, and refuse another key; encrypt with
-- every content encryption, decrypt, and refuse another key.
BEGIN;
\i test/forge.psql
SELECT no_plan();

-- One key of each, and another beside it.  RSA keys are made once, for their
-- sake who wait.
CREATE TEMPORARY TABLE rsa ON COMMIT DROP AS
SELECT jwt.generate_key('RS256') - 'alg' - 'use' - 'kid' AS one, jwt.generate_key('RS256') - 'alg' - 'use' - 'kid' AS other;

CREATE FUNCTION made(algorithm text, curve text, another boolean) RETURNS jsonb LANGUAGE sql AS $$
    SELECT CASE WHEN algorithm ~ '^(RS|PS)'
        THEN (SELECT CASE WHEN another THEN other ELSE one END FROM rsa) || jsonb_build_object('alg', algorithm)
        ELSE jwt.generate_key(algorithm, curve => curve) END
$$;

-- ---------------------------------------------------------------------------
-- Signatures

-- Not updated afterwards: the rows are to stay in this order.
CREATE TEMPORARY TABLE signature ON COMMIT DROP AS
SELECT made.*, jwt.sign('{"sub": "alice"}', one) AS token FROM (
    SELECT t.*, coalesce(curve || ', ', '') || algorithm AS name, made(algorithm, curve, false) AS one, made(algorithm, curve, true) AS other
    FROM (VALUES
        ('HS256', NULL, 32), ('HS384', NULL, 48), ('HS512', NULL, 64),
        ('RS256', NULL, 256), ('RS384', NULL, 256), ('RS512', NULL, 256), ('PS256', NULL, 256), ('PS384', NULL, 256), ('PS512', NULL, 256),
        ('ES256', NULL, 64), ('ES384', NULL, 96), ('ES512', NULL, 132), ('ES256K', NULL, 64),
        ('EdDSA', 'Ed25519', 64), ('EdDSA', 'Ed448', 114), ('Ed25519', NULL, 64), ('Ed448', NULL, 114)
    ) AS t(algorithm, curve, bytes)
) AS made;

CREATE FUNCTION publics(jwk jsonb) RETURNS jsonb LANGUAGE sql
RETURN CASE jwk ->> 'kty' WHEN 'oct' THEN jwk ELSE jwt.public_key(jwk) END;
CREATE FUNCTION verdict(token text, key jsonb, algorithms text[] DEFAULT NULL) RETURNS text LANGUAGE sql AS $$
    SELECT coalesce((refusal(format('SELECT jwt.verify(%L, %L::jsonb, %L::text[])', token, key, algorithms))).code, 'ok')
$$;

SELECT is((jwt.decode(token)).header ->> 'alg', algorithm, name || ': signs') FROM signature;
SELECT is(length((jwt.decode(token)).signature), bytes, name || ': the signature''s length') FROM signature;
SELECT is(verdict(token, publics(one)), 'ok', name || ': verifies') FROM signature;
SELECT is(verdict(token, publics(one) - 'alg' - 'use', ARRAY[algorithm]), 'ok', name || ': verifies with a key that says nothing') FROM signature;
SELECT is(verdict(token, publics(other)), 'JW007', name || ': not with another key') FROM signature;
SELECT is(verdict(left(token, -length(b64(decode(repeat('00', bytes), 'hex')))) || b64(decode(repeat('00', bytes), 'hex')), publics(one)), 'JW007', name || ': not zeros') FROM signature;
SELECT is(verdict(split_part(token, '.', 1) || '.' || b64('{"sub":"mallory"}') || '.' || split_part(token, '.', 3), publics(one)), 'JW007', name || ': not other claims') FROM signature;
SELECT is(verdict(b64(format('{"alg":"%s"}', algorithm)) || '.' || split_part(token, '.', 2) || '.' || split_part(token, '.', 3), publics(one)), 'JW007', name || ': not another header') FROM signature;
SELECT is(jwt.verify(token, jwt.key_to_pem(publics(one)), ARRAY[algorithm]) ->> 'sub', 'alice', name || ': verifies with PEM') FROM signature WHERE one ->> 'kty' <> 'oct';
SELECT is(jwt.signature_verify(convert_to(substring(token FROM '^(.*)\.'), 'UTF8'), (jwt.decode(token)).signature, publics(one), algorithm), true, name || ': signature_verify') FROM signature;

-- No token says yes to an algorithm that is not its own: all pairs, each key free
-- of its alg, so that the signature itself must tell
SELECT is(string_agg(format('%s as %s', s.name, a.algorithm), ', '), NULL, 'no signature passes for one of another algorithm')
FROM signature AS s, signature AS a
WHERE s.algorithm <> a.algorithm AND NOT (s.algorithm IN ('EdDSA', 'Ed25519', 'Ed448') AND a.algorithm IN ('EdDSA', 'Ed25519', 'Ed448'))
    AND verdict(b64(format('{"alg":"%s"}', a.algorithm)) || '.' || split_part(s.token, '.', 2) || '.' || split_part(s.token, '.', 3), publics(s.one) - 'alg' - 'use', ARRAY[a.algorithm]) = 'ok';
SELECT is(string_agg(format('%s with %s', s.name, a.name), ', '), NULL, 'no token verifies with a key of another algorithm')
FROM signature AS s, signature AS a
WHERE s.name <> a.name AND verdict(s.token, publics(a.one)) = 'ok';

-- ---------------------------------------------------------------------------
-- Encryption: every alg with every enc

CREATE TEMPORARY TABLE wrap ON COMMIT DROP AS
SELECT t.*, coalesce(curve || ', ', '') || algorithm AS name, made(algorithm, curve, false) AS one, made(algorithm, curve, true) AS other
FROM (VALUES
    ('A128KW', NULL), ('A192KW', NULL), ('A256KW', NULL), ('A128GCMKW', NULL), ('A192GCMKW', NULL), ('A256GCMKW', NULL),
    ('ECDH-ES', 'P-256'), ('ECDH-ES', 'P-384'), ('ECDH-ES', 'P-521'), ('ECDH-ES', 'X25519'), ('ECDH-ES', 'X448'),
    ('ECDH-ES+A128KW', 'P-256'), ('ECDH-ES+A192KW', 'P-384'), ('ECDH-ES+A256KW', 'P-521'), ('ECDH-ES+A128KW', 'X25519'), ('ECDH-ES+A256KW', 'X448'),
    ('PBES2-HS256+A128KW', NULL), ('PBES2-HS384+A192KW', NULL), ('PBES2-HS512+A256KW', NULL)
) AS t(algorithm, curve);
INSERT INTO wrap
SELECT algorithm, NULL, algorithm, one || jsonb_build_object('alg', algorithm), other || jsonb_build_object('alg', algorithm)
FROM rsa, unnest(ARRAY['RSA-OAEP', 'RSA-OAEP-256', 'RSA-OAEP-384', 'RSA-OAEP-512']) AS algorithm;

CREATE FUNCTION encrypted(jwk jsonb, algorithm text, enc text) RETURNS text LANGUAGE sql
RETURN jwt.jwe_encrypt('plaintext', CASE jwk ->> 'kty' WHEN 'oct' THEN jwk ELSE jwt.public_key(jwk) END,
    jsonb_build_object('alg', algorithm, 'enc', enc) || CASE WHEN algorithm LIKE 'PBES2%' THEN '{"p2c":1000}' ELSE '{}' END::jsonb);
CREATE FUNCTION decrypted(token text, jwk jsonb, algorithm text, enc text) RETURNS text LANGUAGE sql AS $$
    SELECT coalesce((refusal(format('SELECT jwt.jwe_decrypt(%L, %L, %L, %L)', token, jwk, ARRAY[algorithm], ARRAY[enc]))).code, 'ok')
$$;

CREATE TEMPORARY TABLE pair ON COMMIT DROP AS
SELECT name || ' with ' || enc AS name, algorithm, enc, one, other, encrypted(one, algorithm, enc) AS token
FROM wrap, unnest(ARRAY['A128GCM', 'A192GCM', 'A256GCM', 'A128CBC-HS256', 'A192CBC-HS384', 'A256CBC-HS512']) AS enc;
INSERT INTO pair
SELECT 'dir with ' || enc, 'dir', enc, one, jwt.generate_key(enc), encrypted(one, 'dir', enc)
FROM unnest(ARRAY['A128GCM', 'A192GCM', 'A256GCM', 'A128CBC-HS256', 'A192CBC-HS384', 'A256CBC-HS512']) AS enc, jwt.generate_key(enc) AS one;

SELECT is(jwt.jwe_decrypt(token, one, ARRAY[algorithm], ARRAY[enc]), 'plaintext', name) FROM pair;
SELECT is(string_agg(name, ', '), NULL, 'the header says how, in each')
FROM pair, LATERAL (SELECT convert_from(unb64(split_part(token, '.', 1)), 'UTF8')::jsonb AS header) AS h WHERE header ->> 'alg' <> algorithm OR header ->> 'enc' <> enc;
SELECT is(string_agg(format('%s: %s', name, decrypted(token, other, algorithm, enc)), ', '), NULL, 'none opens with another key: one error')
FROM pair WHERE decrypted(token, other, algorithm, enc) <> 'JW008';
SELECT is(string_agg(format('%s, part %s: %s', name, part, verdict), ', '), NULL, 'none opens with a bit turned, wherever: one error')
FROM pair, generate_series(2, 5) AS part,
    LATERAL (SELECT unb64(split_part(token, '.', part)) AS bytes) AS b,
    LATERAL (SELECT string_agg(CASE i WHEN part THEN b64(set_bit(bytes, 7, 1 - get_bit(bytes, 7))) ELSE split_part(token, '.', i) END, '.' ORDER BY i) AS token FROM generate_series(1, 5) AS i) AS bent,
    LATERAL (SELECT decrypted(bent.token, one, algorithm, enc) AS verdict) AS v
WHERE bytes <> '' AND verdict <> 'JW008';
SELECT is(string_agg(name, ', '), NULL, 'each refuses its neighbour''s enc')
FROM pair WHERE decrypted(token, one, algorithm, CASE enc WHEN 'A128GCM' THEN 'A256GCM' ELSE 'A128GCM' END) <> 'JW003';
SELECT is(count(*), 24 * 6::bigint, 'so many pairs') FROM pair;

SELECT finish();
ROLLBACK;
