\i test/tap.psql
-- Attacks on the signature and on the token's outer form.
BEGIN;
\i test/forge.psql
SELECT no_plan();

CREATE FUNCTION key(kty text) RETURNS jsonb LANGUAGE sql STABLE
RETURN rfc_key(CASE kty WHEN 'RSA' THEN 'RFC 7515 A.2' WHEN 'EC' THEN 'RFC 7515 A.3' WHEN 'EC521' THEN 'RFC 7515 A.4' WHEN 'OKP' THEN 'RFC 8037 A.4' END);
CREATE TEMPORARY TABLE signed ON COMMIT DROP AS
SELECT alg, key(kty) AS jwk, split_part(token, '.', 1) || '.' || split_part(token, '.', 2) AS message, unb64(split_part(token, '.', 3)) AS signature
FROM (VALUES ('RS256', 'RSA'), ('PS256', 'RSA'), ('ES256', 'EC'), ('ES512', 'EC521'), ('EdDSA', 'OKP')) AS k(alg, kty), jwt.sign('{"sub": "alice"}', key(kty), alg) AS token;

-- What becomes of the token with this signature in place of its own.
CREATE FUNCTION verdict(message text, signature bytea, jwk jsonb) RETURNS text LANGUAGE sql AS $$
    SELECT coalesce((refusal(format('SELECT jwt.verify(%L, %L::jsonb)', message || '.' || b64(signature), jwt.public_key(jwk)))).code, 'ok')
$$;
SELECT is(verdict(message, signature, jwk), 'ok', alg || ': its own signature') FROM signed;

-- ---------------------------------------------------------------------------
-- ECDSA with r = s = 0 (CVE-2022-21449, "psychic signatures") satisfies a
-- verifier that does not look at the range; neither may either be the order or
-- more, which is the same number to careless arithmetic.

CREATE FUNCTION wide(hex text) RETURNS bytea LANGUAGE sql IMMUTABLE RETURN decode(lpad(hex, 64, '0'), 'hex');
CREATE FUNCTION p256_order() RETURNS text LANGUAGE sql IMMUTABLE RETURN 'ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551';
SELECT is(verdict(message, r || s, jwk), 'JW007', 'ES256: ' || what)
FROM signed, LATERAL (VALUES
    ('r = s = 0', wide('0'), wide('0')), ('r = 0', wide('0'), substr(signature, 33)), ('s = 0', substr(signature, 1, 32), wide('0')), ('r = s = 1', wide('1'), wide('1')),
    ('r = n', wide(p256_order()), substr(signature, 33)), ('s = n', substr(signature, 1, 32), wide(p256_order())), ('r = s = n', wide(p256_order()), wide(p256_order())),
    ('all ones', wide(repeat('f', 64)), wide(repeat('f', 64))), ('halves swapped', substr(signature, 33), substr(signature, 1, 32))
) AS t(what, r, s)
WHERE alg = 'ES256';

-- DER, and other lengths.  A verifier that takes both forms has two signatures
-- for one token.  (The two integers of the DER are as they are, with a zero where
-- the first bit is set.)
CREATE FUNCTION der_integer(n bytea) RETURNS bytea LANGUAGE sql IMMUTABLE AS $$
    SELECT set_byte('\x0200'::bytea, 1, length(v)) || v FROM (SELECT CASE WHEN get_byte(n, 0) > 127 THEN '\x00'::bytea || n ELSE n END) AS t(v)
$$;
SELECT is(verdict(message, der, jwk), 'JW007', 'ES256: DER')
FROM signed, LATERAL (SELECT der_integer(substr(signature, 1, 32)) || der_integer(substr(signature, 33)) AS body) AS b, LATERAL (SELECT set_byte('\x3000'::bytea, 1, length(body)) || body AS der) AS d
WHERE alg = 'ES256';

-- Any signature, shorter or longer by bytes, at either end
SELECT is((SELECT string_agg(format('%s: %s', n, v), ', ') FROM unnest(ARRAY[1, 2, 3, 4, length(signature) / 2, length(signature) - 1, length(signature)]) AS n, verdict(message, substr(signature, 1, length(signature) - n), jwk) AS v WHERE v <> 'JW007'),
    NULL, alg || ': bytes cut off at its end') FROM signed;
SELECT is((SELECT string_agg(format('%s: %s', n, v), ', ') FROM unnest(ARRAY[1, 2, 3, 4, length(signature) / 2]) AS n, verdict(message, substr(signature, 1 + n), jwk) AS v WHERE v <> 'JW007'),
    NULL, alg || ': bytes cut off at its beginning') FROM signed;
SELECT is((SELECT string_agg(format('%s: %s', n, v), ', ') FROM unnest(ARRAY[1, 2, 3, 64]) AS n, verdict(message, signature || decode(repeat('00', n), 'hex'), jwk) AS v WHERE v <> 'JW007'),
    NULL, alg || ': zero bytes behind it') FROM signed;
SELECT is((SELECT string_agg(format('%s: %s', n, v), ', ') FROM unnest(ARRAY[1, 2, 3, 64]) AS n, verdict(message, decode(repeat('00', n), 'hex') || signature, jwk) AS v WHERE v <> 'JW007'),
    NULL, alg || ': zero bytes before it') FROM signed;
SELECT is((SELECT string_agg(format('%s: %s', i, v), ', ') FROM generate_series(0, 8 * length(signature) - 1, 7) AS i, verdict(message, set_bit(signature, i, 1 - get_bit(signature, i)), jwk) AS v WHERE v <> 'JW007'),
    NULL, alg || ': a bit turned, in every byte') FROM signed;
SELECT is((SELECT string_agg(format('%s of %s', cut, length(token)), ', ') FROM generate_series(0, length(token) - 1) AS cut, jwt.check(left(token, cut), jwt.public_key(jwk)) AS c WHERE c.valid), NULL, alg || ': the token cut off anywhere')
FROM signed, LATERAL (SELECT message || '.' || b64(signature) AS token) AS t;

-- ---------------------------------------------------------------------------
-- Signatures that mean the same number.  RSA: s + n is s modulo n, and RFC 8017
-- 5.2.2 has s below n.  EdDSA: S + L is S modulo L, and RFC 8032 5.1.7 has it
-- below L.

CREATE FUNCTION plus(a bytea, b bytea) RETURNS bytea LANGUAGE plpgsql IMMUTABLE AS $$
DECLARE
    sum integer := 0;
BEGIN
    FOR i IN REVERSE length(a) - 1 .. 0 LOOP
        sum := sum / 256 + get_byte(a, i) + get_byte(b, i);
        a := set_byte(a, i, sum % 256);
    END LOOP;
    RETURN CASE WHEN sum < 256 THEN a END;
END
$$;
CREATE FUNCTION reversed(bytes bytea) RETURNS bytea LANGUAGE sql IMMUTABLE
RETURN (SELECT string_agg(substr(bytes, i, 1), '' ORDER BY i DESC) FROM generate_series(1, length(bytes)) AS i);

-- One whose s + n still fits into 2048 bits
SELECT is(verdict(message, s, key('RSA')) || ', ' || verdict(message, s_plus_n, key('RSA')), 'ok, JW007', 'RS256: s + n')
FROM generate_series(1, 1000) AS i, LATERAL jwt.sign(jsonb_build_object('i', i), key('RSA'), 'RS256') AS token,
    LATERAL (SELECT substring(token FROM '^(.*)\.') AS message, unb64(split_part(token, '.', 3)) AS s) AS t, LATERAL plus(s, unb64(key('RSA') ->> 'n')) AS s_plus_n
WHERE s_plus_n IS NOT NULL LIMIT 1;
SELECT is(verdict(message, unb64(key('RSA') ->> 'n'), key('RSA')), 'JW007', 'RS256: s = n') FROM signed WHERE alg = 'RS256';
SELECT is(verdict(message, decode(repeat('ff', 256), 'hex'), key('RSA')), 'JW007', 'RS256: all ones') FROM signed WHERE alg = 'RS256';
SELECT is(verdict(message, decode(repeat('00', 255) || byte, 'hex'), jwk), 'JW007', format('%s: s = %s', alg, byte)) FROM signed, unnest(ARRAY['00', '01']) AS byte WHERE alg IN ('RS256', 'PS256');
SELECT is(verdict(message, substr(signature, 1, 32) || reversed(plus(reversed(substr(signature, 33)), '\x1000000000000000000000000000000014def9dea2f79cd65812631a5cf5d3ed')), jwk), 'JW007', 'EdDSA: S + L')
FROM signed WHERE alg = 'EdDSA';
-- R = the neutral element, S = 0: good for every message under a key of low order
SELECT is(verdict(message, decode('01' || repeat('00', 63), 'hex'), jwk), 'JW007', 'EdDSA: R neutral, S = 0') FROM signed WHERE alg = 'EdDSA';

-- ---------------------------------------------------------------------------
-- Other texts for the same token, which a list of revoked tokens or a cache takes
-- for another one; and texts that another reader takes apart otherwise.

SELECT refuses_token(text, 'JW001', what)
FROM (SELECT token('{"sub":"alice","jti":"1"}') AS good) AS g, LATERAL (SELECT split_part(good, '.', 1) AS h, split_part(good, '.', 2) AS p, split_part(good, '.', 3) AS s) AS parts, LATERAL (VALUES
    ('padding behind the signature', good || '='), ('padding behind the header', h || '=.' || p || '.' || s), ('a blank behind', good || ' '), ('a blank before', ' ' || good), ('a line feed behind', good || E'\n'), ('CR LF behind', good || E'\r\n'),
    ('a blank within the signature', h || '.' || p || '.' || left(s, 10) || ' ' || substr(s, 11)), ('a line feed within', left(good, 20) || E'\n' || substr(good, 21)),
    ('a no-break space behind', good || E'\u00a0'), ('+ for -', h || '.' || p || '.' || '+' || substr(s, 2)), ('/ for _', h || '.' || p || '.' || '/' || substr(s, 2)), ('a character of no alphabet', h || '.' || p || '.' || '*' || substr(s, 2)),
    ('unused bits in the signature', h || '.' || p || '.' || left(s, -1) || translate(right(s, 1), 'AEIMQUYcgkosw048', 'BFJNRVZdhlptx159')),
    ('1 mod 4 characters', good || 'AA'), ('one part', h), ('two parts', h || '.' || p), ('two parts and a dot', h || '.' || p || '.' || s || '.'), ('four parts', good || '.' || s), ('a dot before', '.' || good), ('an empty header', '.' || p || '.' || s), 
    ('dots alone', '..'), ('five parts', good || '.AA.AA'), ('percent-encoded', replace(good, '.', '%2e')), ('quoted', '"' || good || '"'), ('Bearer', 'Bearer ' || good), ('twice', good || '.' || good), ('full-width dots', replace(good, '.', '．')),
    ('JSON serialization', format('{"protected":"%s","payload":"%s","signature":"%s"}', h, p, s)), ('JSON serialization, general', format('{"payload":"%s","signatures":[{"protected":"%s","signature":"%s"}]}', p, h, s))
) AS t(what, text);
-- In the payload it is the signature that tells
SELECT refuses_token(h || '.' || text || '.' || s, 'JW007', what)
FROM (SELECT split_part(good, '.', 1) AS h, split_part(good, '.', 2) AS p, split_part(good, '.', 3) AS s FROM token('{"sub":"alice"}') AS good) AS parts,
    LATERAL (VALUES ('a tab behind the payload', p || E'\t'), ('padding behind the payload', p || '='), ('no payload', '')) AS t(what, text);
-- The header's unused bits are signed with it, and the payload's too
SELECT refuses_token(seal(h || '.' || p), 'JW001', what)
FROM (VALUES
    ('unused bits in the header', 'eyJhbGciOiJIUzI1NiJ9'::text, 'e31'), ('padding in the header', b64('{"alg":"HS256" }') || '=', 'e30'), ('base64 for base64url', b64('{"alg":"HS256"}'), 'eyJ+Ijoi/yJ9'), ('a blank in the payload', b64('{"alg":"HS256"}'), 'e3 0'), ('1 mod 4 characters', b64('{"alg":"HS256"}'), 'e30eA')
) AS t(what, h, p);

-- ---------------------------------------------------------------------------
-- Large ones are refused before anybody works on them

SELECT is((jwt.check(repeat('.', 100000), secret())).error, 'token or key is too large', '100,000 dots');
SELECT is((jwt.check(repeat('.', 65536), secret())).error, 'token is malformed', '65,536 dots');
SET LOCAL oauth_jwt.max_token_size = '1MB';
SELECT is((jwt.check(repeat('.', 100000), secret())).error, 'token is malformed', '100,000 dots where a token may have a megabyte');
SELECT is((jwt.check(repeat('A', 1000000), secret())).error, 'token is malformed', 'a megabyte of one part');
SELECT is((jwt.check(repeat('a.', 500000), secret())).error, 'token is malformed', 'half a million parts');
CREATE TEMPORARY TABLE clock ON COMMIT DROP AS SELECT clock_timestamp() AS started;
SELECT is(count(*), 200::bigint, 'two hundred of these') FROM generate_series(1, 200) AS i, jwt.check(repeat('.', 100000 + i), secret()) AS c WHERE NOT c.valid;
SELECT ok(clock_timestamp() < started + '2 seconds', 'are refused fast') FROM clock;

SELECT finish();
ROLLBACK;
