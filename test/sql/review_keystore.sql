\i test/tap.psql
-- The key store when it is used in ways that it was not meant for: arguments
-- left null, a private key where a public one belongs, an issuer that changes
-- from a shared secret to public keys.
BEGIN;
\i test/forge.psql
SELECT no_plan();

SELECT jwt.create_issuer('https://own.example') \g /dev/null

-- ---------------------------------------------------------------------------
-- Null arguments

SELECT refuses($$SELECT jwt.import_key('https://own.example', NULL)$$, '22004', 'jwt.import_key without a key');
SELECT refuses($$SELECT jwt.import_key(NULL, secret())$$, '22004', 'jwt.import_key without an issuer');
SELECT refuses($$SELECT jwt.create_issuer('https://other.example', NULL)$$, '22004', 'jwt.create_issuer without an algorithm');
SELECT refuses($$SELECT jwt.make_stored_key(NULL, 'ES256', NULL)$$, '22004', 'jwt.make_stored_key without an issuer');

-- ---------------------------------------------------------------------------
-- A refusal shows no key: neither message nor detail holds a piece of the
-- secret's base64url, which a failing row would.

CREATE FUNCTION refuses_quietly(statement text, expected text, description text) RETURNS SETOF text LANGUAGE sql AS $$
    SELECT refuses(statement, expected, description)
    UNION ALL
    SELECT ok(concat(r.message, r.detail, r.hint) NOT LIKE '%' || substr(b64(secret()), 1, 8) || '%', 'without showing it')
    FROM refusal(statement) AS r
$$;

SELECT refuses_quietly($$SELECT jwt.import_key('https://own.example', secret(), 'HS256', '')$$, '22023', 'an empty kid is refused');
SELECT refuses_quietly($$SELECT jwt.import_key('https://own.example', format('{"kty":"oct","kid":"","k":"%s"}', b64(secret())))$$, '22023', 'an empty kid in the JWK is refused');
SELECT refuses_quietly($$SELECT jwt.trust_issuer('https://wrong.example', jwks => jsonb_build_object('keys', jsonb_build_array(jsonb_build_object('kty', 'oct', 'k', b64(secret())))))$$, '22023', 'a shared secret as jwks is refused');
SELECT refuses($$SELECT jwt.trust_issuer('https://wrong.example', jwks => rfc_key('RFC 7515 A.3'))$$, '22023', 'a private key as jwks');

-- ---------------------------------------------------------------------------
-- An imported key signs with the algorithm it was imported for

SELECT jwt.import_key('https://own.example', rpad(secret(), 64, '.'), 'HS512', 'hs512') \g /dev/null
SELECT jwt.import_key('https://own.example', jwt.key_to_pem(rfc_key('RFC 7515 A.2')), 'PS384', 'ps384') \g /dev/null
SELECT is((jwt.decode(jwt.issue('{}', 'https://own.example', kid => kid))).header ->> 'alg', upper(kid), format('a key imported for %s', upper(kid)))
FROM unnest('{hs512,ps384}'::text[]) AS kid;

-- ---------------------------------------------------------------------------
-- From a shared secret to public keys

CREATE FUNCTION shared_token() RETURNS text LANGUAGE sql STABLE
RETURN token(format('{"iss":"https://foreign.example","exp":%s}', at('1h')));
CREATE FUNCTION verdict() RETURNS text LANGUAGE sql AS $$
    SELECT coalesce((refusal('SELECT jwt.verify(shared_token())')).code, 'ok')
$$;

SELECT jwt.trust_issuer('https://foreign.example', secret => secret()) \g /dev/null
SELECT is(verdict(), 'ok', 'the shared secret verifies');
SELECT jwt.trust_issuer('https://foreign.example', jwks => jwt.public_key(rfc_key('RFC 7515 A.3'))) \g /dev/null
SELECT isnt(verdict(), 'ok', 'not once public keys have taken its place');
SELECT is(count(*), 0::bigint, 'nor is it kept') FROM jwt.keys WHERE issuer = 'https://foreign.example' AND private_jwk IS NOT NULL;

-- ---------------------------------------------------------------------------
-- Rows that somebody changed by hand: an error, and the backend lives

UPDATE jwt.keys SET algorithm = 'RS256' WHERE algorithm = 'ES256' AND state = 'active';
SELECT refuses(format($$SELECT jwt.issue('{}', 'https://own.example', kid => %L)$$, kid), 'JW053', 'an elliptic key that is to sign with RS256')
FROM jwt.keys WHERE algorithm = 'RS256';

UPDATE jwt.keys SET state = 'retired', private_jwk = NULL, public_jwk = NULL WHERE kid = 'hs512';
SELECT refuses($$SELECT jwt.verify(token('{"iss":"https://own.example"}'))$$, 'JW053', 'a key without any half');

-- ---------------------------------------------------------------------------
-- A column that somebody altered: an error, and the backend lives

ALTER TABLE jwt.issuers DROP CONSTRAINT issuers_audience_check, ALTER COLUMN audience TYPE integer USING 1;
SELECT refuses($$SELECT jwt.verify(token('{"iss":"https://own.example"}'))$$, '42703', 'an audience that is no list');

SELECT * FROM finish();
ROLLBACK;
