\i test/tap.psql
-- Attacks through the key: a public key used as a secret, a key that is none, a
-- token that brings its own, a kid that is more than a name.
BEGIN;
\i test/forge.psql
SELECT no_plan();

CREATE FUNCTION rsa() RETURNS jsonb LANGUAGE sql STABLE RETURN jwt.public_key(rfc_key('RFC 7515 A.2'));
CREATE FUNCTION ec() RETURNS jsonb LANGUAGE sql STABLE RETURN jwt.public_key(rfc_key('RFC 7515 A.3'));
CREATE FUNCTION ed() RETURNS jsonb LANGUAGE sql STABLE RETURN jwt.public_key(rfc_key('RFC 8037 A.4'));
CREATE FUNCTION der(pem text) RETURNS bytea LANGUAGE sql IMMUTABLE
RETURN decode(regexp_replace(pem, '-----[^-]*-----|\s', '', 'g'), 'base64');

-- HMAC of any secret, since a PEM is longer than the block that hs256 takes.
CREATE FUNCTION mac(secret bytea) RETURNS text LANGUAGE sql IMMUTABLE
RETURN b64('{"alg":"HS256"}') || '.' || b64('{"sub":"mallory"}') || '.'
    || b64(hs256(convert_to(b64('{"alg":"HS256"}') || '.' || b64('{"sub":"mallory"}'), 'UTF8'), CASE WHEN length(secret) > 64 THEN sha256(secret) ELSE secret END));

-- ---------------------------------------------------------------------------
-- Key confusion (CVE-2015-9235, CVE-2016-10555).  The verifier holds a public
-- key, which everybody has.  The attacker writes HS256 into the header and
-- computes the HMAC with the public key's text, in whatever form the verifier
-- might keep it, for a secret.

SELECT ok((jwt.check(mac('this is indeed a shared secret, of 40 bytes'), 'this is indeed a shared secret, of 40 bytes')).valid, 'with a secret such a token would be good');

CREATE TEMPORARY TABLE disguise ON COMMIT DROP AS
SELECT kty, form, secret
FROM (VALUES ('RSA', rsa()), ('EC', ec()), ('OKP', ed())) AS k(kty, jwk), LATERAL (VALUES
    ('PEM', convert_to(jwt.key_to_pem(jwk), 'UTF8')),
    ('PEM without its last line feed', convert_to(rtrim(jwt.key_to_pem(jwk), E'\n'), 'UTF8')),
    ('PEM with CR LF', convert_to(replace(jwt.key_to_pem(jwk), E'\n', E'\r\n'), 'UTF8')),
    ('PEM in one line', convert_to(replace(jwt.key_to_pem(jwk), E'\n', ''), 'UTF8')),
    ('PEM behind a comment', convert_to(E'Public key of the server\n' || jwt.key_to_pem(jwk), 'UTF8')),
    ('DER', der(jwt.key_to_pem(jwk))),
    ('DER in base64', convert_to(translate(encode(der(jwt.key_to_pem(jwk)), 'base64'), E'\n', ''), 'UTF8')),
    ('DER in base64url', convert_to(b64(der(jwt.key_to_pem(jwk))), 'UTF8')),
    ('JWK', convert_to(jwk::text, 'UTF8')),
    ('JWK, compact', convert_to(replace(jwk::text, ' ', ''), 'UTF8')),
    ('JWKS', convert_to(jsonb_build_object('keys', jsonb_build_array(jwk))::text, 'UTF8'))
) AS f(form, secret);

CREATE FUNCTION held(kty text) RETURNS jsonb LANGUAGE sql STABLE
RETURN CASE kty WHEN 'RSA' THEN rsa() WHEN 'EC' THEN ec() WHEN 'OKP' THEN ed() END;
CREATE FUNCTION accepted(kty text, held_as text) RETURNS text LANGUAGE plpgsql STABLE AS $$
DECLARE
    result text;
BEGIN
    EXECUTE format('SELECT string_agg(form || '', '' || algorithms, ''; '')
        FROM disguise AS d, unnest(ARRAY[''{}'', ''{HS256}'', ''{RS256,ES256,EdDSA}'', ''{HS256,RS256,ES256,EdDSA}'']) AS algorithms
        WHERE d.kty = $1 AND (jwt.check(mac(secret), %s, algorithms::text[])).valid IS DISTINCT FROM false', held_as) INTO result USING kty;
    RETURN result;
END
$$;

-- What the verifier holds is the key
SELECT is(accepted(kty, held_as), NULL, format('%s held as %s: no form of its text is a secret', kty, held_as))
FROM unnest(ARRAY['RSA', 'EC', 'OKP']) AS kty, unnest(ARRAY['held($1)', 'held($1)::text', 'jwt.key_to_pem(held($1))']) AS held_as;

-- The worst case: what it holds is the very text that the attacker used, and it
-- allows HS256
SELECT is((jwt.check(mac(secret), convert_from(secret, 'UTF8'), '{HS256}')).valid, false, format('%s as %s: refused as a secret in text', kty, form))
FROM disguise WHERE form <> 'DER';
SELECT refuses(format('SELECT jwt.verify(%L, %L::jsonb, ''{HS256}'')', mac(secret), jsonb_build_object('kty', 'oct', 'k', b64(secret))), 'JW034', format('%s as %s: refused as an oct key', kty, form))
FROM disguise;
SELECT is((jwt.check(mac(convert_to(secret, 'UTF8')), secret, '{HS256}')).valid, false, left(secret, 26) || ': refused as a secret')
FROM unnest(ARRAY['ssh-rsa AAAAB3NzaC1yc2EAAAADAQABAAABAQC7', 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJ', 'ecdsa-sha2-nistp256 AAAAE2VjZHNhLXNoYTItbmlzdHAyNTY',
    E'-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----', E'-----BEGIN RSA PUBLIC KEY-----\nAAAA\n-----END RSA PUBLIC KEY-----', '  {"kty":"RSA","n":"AAAA","e":"AQAB"',
    '{"keys": [ {"kty":"EC"} ] and more']) AS secret;

-- An empty secret is everybody's
SELECT refuses(format('SELECT jwt.verify(%L, %s, ''{HS256}'')', mac(''), key), code, 'a secret that is empty or missing: ' || key)
FROM (VALUES ('''''::text', 'JW033'), ('''{"kty":"oct","k":""}''::jsonb', 'JW033'), ('''{"kty":"oct"}''::jsonb', 'JW030'), ('''{"kty":"oct","k":null}''::jsonb', 'JW030')) AS t(key, code);

-- A key's numbers are no secret either, whatever its JWK says or leaves out
SELECT refuses(format('SELECT jwt.verify(%L, %L::jsonb, %L)', mac(secret), jwk, algorithms), code, what)
FROM (VALUES
    ('an RSA key without alg: its modulus', unb64(rsa() ->> 'n'), rsa() - 'alg', NULL, 'JW003'),
    ('the same, HS256 allowed', unb64(rsa() ->> 'n'), rsa() - 'alg', '{HS256}', 'JW036'),
    ('an EC key of alg HS256: its x', unb64(ec() ->> 'x'), ec() || '{"alg":"HS256"}', NULL, 'JW003'),
    ('the same, HS256 allowed', unb64(ec() ->> 'x'), ec() || '{"alg":"HS256"}', '{HS256}', 'JW036'),
    ('an EC key with a k', unb64('AAAA'), ec() || '{"k":"AAAA"}', '{HS256}', 'JW036')
) AS t(what, secret, jwk, algorithms, code);

-- ---------------------------------------------------------------------------
-- Weak keys.  RSA under 2048 bits can be factored, with e = 1 every message is
-- its own signature; a short HMAC secret is found by trial, off line.

CREATE FUNCTION rsa_of(bits integer, e bytea DEFAULT '\x010001') RETURNS jsonb LANGUAGE sql STABLE
RETURN jsonb_build_object('kty', 'RSA', 'e', b64(e), 'n', b64(substr(unb64(rsa() ->> 'n'), 1, bits / 8)));
SELECT refuses(format('SELECT jwt.verify(%L, %L::jsonb)', jwt.sign('{}', rfc_key('RFC 7515 A.2')), jwk), code, what)
FROM (VALUES
    ('RSA of 512 bits', rsa_of(512), 'JW033'), ('RSA of 1024 bits', rsa_of(1024), 'JW033'), ('RSA of 2040 bits', rsa_of(2040), 'JW033'),
    ('RSA of 16384 bits', jsonb_build_object('kty', 'RSA', 'e', 'AQAB', 'n', b64(decode(repeat('ff', 2048), 'hex'))), 'JW005'),
    ('RSA, e = 1', rsa_of(2048, '\x01'), 'JW033'), ('RSA, e = 2', rsa_of(2048, '\x02'), 'JW032'), ('RSA, e = 0', rsa_of(2048, '\x00'), 'JW032'),
    ('RSA, e of 72 bits', rsa_of(2048, '\x010000000000000001'), 'JW032'),
    ('RSA, n even', rsa() || jsonb_build_object('n', b64(set_byte(unb64(rsa() ->> 'n'), 255, 0))), 'JW032'),
    ('RSA, n divisible by three', rsa() || jsonb_build_object('n', b64(decode(repeat('ff', 256), 'hex'))), 'JW032')
) AS t(what, jwk, code);
SELECT refuses(format('SELECT jwt.verify(%L, %L)', mac(convert_to(repeat('s', n), 'UTF8')), repeat('s', n)), 'JW033', format('a secret of %s bytes', n))
FROM unnest(ARRAY[1, 16, 31]) AS n;
SELECT ok((jwt.check(mac(convert_to(repeat('s', 32), 'UTF8')), repeat('s', 32))).valid, 'a secret of 32 bytes is one');

-- ---------------------------------------------------------------------------
-- Invalid curves.  A point that is not on the curve lies on a weaker one, and one
-- of low order makes every signature or agreement predictable.

SELECT refuses(format('SELECT jwt.verify(%L, %L::jsonb, ''{ES256,EdDSA}'')', jwt.sign('{}', rfc_key('RFC 7515 A.3')), jwk), code, what)
FROM (VALUES
    ('EC: a point off the curve', ec() || jsonb_build_object('y', ec() ->> 'x'), 'JW032'),
    ('EC: a point of another curve', ec() || '{"crv":"secp256k1"}', 'JW032'),
    ('EC: zero', ec() || jsonb_build_object('x', b64(decode(repeat('00', 32), 'hex')), 'y', b64(decode(repeat('00', 32), 'hex'))), 'JW032'),
    ('EC: a coordinate beyond the field', ec() || jsonb_build_object('x', b64(decode(repeat('ff', 32), 'hex'))), 'JW032'),
    ('EC: a coordinate too short', ec() || jsonb_build_object('x', b64(substr(unb64(ec() ->> 'x'), 2))), 'JW032'),
    ('EC: a coordinate padded with a zero', ec() || jsonb_build_object('x', b64('\x00'::bytea || unb64(ec() ->> 'x'))), 'JW032'),
    ('EC: no y', ec() - 'y', 'JW030'), ('EC: x empty', ec() || '{"x":""}', 'JW030'), ('EC: x null', ec() || '{"x":null}', 'JW030')
) AS t(what, jwk, code);
-- The eight points of low order on Ed25519
SELECT refuses(format('SELECT jwt.verify(%L, %L::jsonb)', jwt.sign('{}', rfc_key('RFC 8037 A.4')), jsonb_build_object('kty', 'OKP', 'crv', 'Ed25519', 'x', b64(decode(point, 'hex')))), 'JW032', 'Ed25519: ' || what)
FROM (VALUES
    ('order 1', '01' || repeat('00', 31)), ('order 2', 'ec' || repeat('ff', 30) || '7f'), ('order 4', repeat('00', 32)), ('order 4, negative', repeat('00', 31) || '80'),
    ('order 8', 'c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a'), ('order 8, negative', 'c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac03fa'),
    ('order 8, the other', '26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05'), ('order 8, the other, negative', '26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc85')
) AS t(what, point);

-- ---------------------------------------------------------------------------
-- A token that brings its key, or says where to get it (CVE-2018-0114).  The
-- members are read over: with the right key such a token is as good as any,
-- with the attacker's it is not, and nobody is called.

CREATE FUNCTION attacker() RETURNS jsonb LANGUAGE sql STABLE RETURN (rfc_key('RFC 7517 A.2') -> 'keys' -> 0) - 'use' - 'kid';
CREATE FUNCTION carrying(key jsonb) RETURNS TABLE (what text, token text) LANGUAGE sql STABLE AS $$
    SELECT format('%s %s', name, left(value::text, 30)), jwt.sign('{"sub": "mallory"}', key, header => jsonb_build_object(name, value))
    FROM (VALUES
        ('jwk', jwt.public_key(attacker())), ('jku', '"http://127.0.0.1:9/jwks.json"'), ('x5u', '"http://127.0.0.1:9/cert.pem"'), ('x5u', '"file:///etc/passwd"'),
        ('x5c', '["MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEA"]'), ('x5t', '"AAAA"'), ('x5t#S256', '"AAAA"'), ('jku', '{"not":"a string"}'), ('jwk', '"not a key"')
    ) AS m(name, value)
$$;
SELECT is((jwt.check(token, ec())).valid, false, what || ': the attacker''s key is not used') FROM carrying(attacker());
SELECT is((jwt.check(token, '{"keys":[]}'::jsonb)).valid, false, what || ': not even where there is no other') FROM carrying(attacker());
SELECT is((jwt.check(token, ec())).valid, true, what || ': and it does no harm to a good token') FROM carrying(rfc_key('RFC 7515 A.3'));

-- There is no code that could call anybody: what the library asks of others
\set imports `nm -D --undefined-only oauth_jwt.so | sed 's/.* //; s/@.*//'`
SELECT ok(imports @> '{d2i_PUBKEY}', 'the library''s imports are here to be seen')
FROM string_to_array(:'imports', E'\n') AS imports;
SELECT is(string_agg(name, ', '), NULL, 'none of them opens a connection or runs a program')
FROM unnest(string_to_array(:'imports', E'\n')) AS name
WHERE name ~ '^(socket|connect|send(to|msg)?|recv(from|msg)?|getaddrinfo|gethostby.*|res_.*|BIO_.*(connect|socket|accept).*|OSSL_(HTTP|STORE)_.*|curl_.*|PQ.*|system|popen|exec.*|v?fork|posix_spawn.*|OpenPipeStream)$';

-- ---------------------------------------------------------------------------
-- kid: injected into a path, a query, a command or a format by those who look
-- keys up with it.  Here it is compared, and that is all.

CREATE TEMPORARY TABLE kids ON COMMIT DROP AS
SELECT kid FROM unnest(ARRAY['', ' ', '.', '../../../../dev/null', '/dev/null', '/proc/self/environ', 'file:///dev/null', E'a\nb', '''; DROP TABLE jwt.keys; --', ''' OR ''1''=''1', 'x'' UNION SELECT ''secret',
    '$(touch /tmp/pwned)', '`id`', '| id', '; id', '%s%s%s%n', '%n', '{0}', '${jndi:ldap://127.0.0.1/a}', '\u0041', '*', '%', '_', 'K', 'кid', 'k' || E'\u200b', repeat('k', 10000)]) AS kid;
SELECT is(string_agg(DISTINCT coalesce(r.code, 'accepted: ' || kid), ', '), 'JW006', 'no kid but its own selects a key, in a set')
FROM kids, refusal(format('SELECT jwt.verify(%L, %L::jsonb)', forge(jsonb_build_object('alg', 'HS256', 'kid', kid)::text), jsonb_build_object('keys', jsonb_build_array(jsonb_build_object('kty', 'oct', 'kid', 'k', 'k', b64(secret())))))) AS r;
SELECT jwt.trust_issuer('https://a.example', secret => secret()) \g /dev/null
SELECT is(string_agg(DISTINCT coalesce(r.code, 'accepted: ' || kid), ', '), 'JW006', 'nor in jwt.keys')
FROM kids, refusal(format('SELECT jwt.verify(%L)', forge(jsonb_build_object('alg', 'HS256', 'kid', kid)::text, format('{"iss":"https://a.example","exp":%s}', at('1h'))))) AS r;
SELECT has_table('jwt', 'keys', 'the tables are there still');
SET LOCAL oauth_jwt.max_token_size = '4MB';
SELECT refuses(format('SELECT jwt.verify(%L, %L)', forge(jsonb_build_object('alg', 'HS256', 'kid', repeat('k', 1048576))::text), secret()), 'JW005', 'a kid of 1 MB, though tokens may be as large');
RESET oauth_jwt.max_token_size;
SELECT refuses(format('SELECT jwt.verify(%L, %L)', forge(format('{"alg":"HS256","kid":%s}', kid)), secret()), 'JW001', 'kid: ' || kid)
FROM unnest(ARRAY['1', 'null', '["k"]', '{"k":"k"}', 'true']) AS kid;

SELECT finish();
ROLLBACK;
