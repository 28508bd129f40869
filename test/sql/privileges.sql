\i test/tap.psql
-- Roles that read or write all data without anybody having thought of keys, and
-- grants that meant other tables: none of them is the extension's owner.
BEGIN;
\i test/forge.psql
SELECT no_plan();

SELECT jwt.create_issuer('https://own.example') AS kid \gset
SELECT jwt.trust_issuer('https://foreign.example', secret => secret()) \g /dev/null

CREATE ROLE regress_jwt_reader IN ROLE pg_read_all_data;
CREATE ROLE regress_jwt_writer IN ROLE pg_write_all_data;
CREATE ROLE regress_jwt_loader IN ROLE regress_jwt_reader, regress_jwt_writer;
CREATE ROLE regress_jwt_monitor IN ROLE pg_monitor, pg_read_all_data;
CREATE ROLE regress_jwt_keymaster;
CREATE ROLE regress_jwt_auditor;
GRANT ALL ON jwt.keys, jwt.issuers TO regress_jwt_keymaster;
GRANT EXECUTE ON ALL FUNCTIONS IN SCHEMA jwt TO regress_jwt_keymaster;
GRANT SELECT (kid, state) ON jwt.keys TO regress_jwt_auditor;

-- What a role gets from a query of one column, or its error.
CREATE FUNCTION gets(role text, query text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    before text := current_user;
    result text;
BEGIN
    EXECUTE format('SET LOCAL ROLE %I', role);
    BEGIN
        EXECUTE query INTO result;
    EXCEPTION WHEN OTHERS THEN
        result := SQLSTATE;
    END;
    EXECUTE format('SET LOCAL ROLE %I', before);
    RETURN result;
END
$$;

-- ---------------------------------------------------------------------------
-- The attack: read the private keys, or trust an issuer of one's own

CREATE TABLE all_data AS SELECT jwt.public_key(jwt.generate_key('ES256')) AS evil;
SELECT is(gets(role, 'SELECT count(*) FROM all_data'), '1', role || ' reads all data') FROM unnest('{regress_jwt_reader,regress_jwt_loader,regress_jwt_monitor}'::text[]) AS role;
SELECT is(gets(role, 'SELECT count(private_jwk) FROM jwt.keys'), '0', role || ' reads no key') FROM unnest('{regress_jwt_reader,regress_jwt_loader,regress_jwt_monitor}'::text[]) AS role;
SELECT is(gets(role, 'SELECT count(*) FROM jwt.issuers'), '0', role || ' reads no issuer') FROM unnest('{regress_jwt_reader,regress_jwt_loader}'::text[]) AS role;
SELECT is(gets(role, format('INSERT INTO jwt.issuers (issuer, jwks) VALUES (''https://evil.example'', %L)', evil)), '42501', role || ' trusts nobody')
FROM all_data, unnest('{regress_jwt_writer,regress_jwt_loader}'::text[]) AS role;
SELECT is(gets(role, format('INSERT INTO jwt.keys (issuer, kid, algorithm, state, public_jwk) VALUES (''https://own.example'', ''evil'', ''ES256'', ''retired'', %L)', evil)),
          '42501', role || ' adds no key')
FROM all_data, unnest('{regress_jwt_writer,regress_jwt_loader}'::text[]) AS role;
SELECT is(gets('regress_jwt_loader', 'WITH u AS (UPDATE jwt.issuers SET enabled = false RETURNING 1) SELECT count(*) FROM u'), '0', 'regress_jwt_loader changes no issuer');
SELECT gets('regress_jwt_writer', 'UPDATE jwt.issuers SET jwks = ''{"keys": []}''') \g /dev/null
SELECT gets('regress_jwt_writer', 'DELETE FROM jwt.issuers') \g /dev/null
SELECT is(count(*) FILTER (WHERE jwks IS NULL AND enabled), 2::bigint, 'they are as they were') FROM jwt.issuers;

-- What is granted is had.
SELECT is(gets('regress_jwt_keymaster', 'SELECT jwt.rotate_key(''https://own.example'')'), kid, 'whom the owner grants it rotates')
FROM jwt.keys WHERE issuer = 'https://own.example' AND state = 'next';
SELECT is(gets('regress_jwt_keymaster', 'SELECT jwt.create_issuer(''https://another.example'') IS NOT NULL'), 'true', '... and makes issuers');
SELECT is(gets('regress_jwt_auditor', 'SELECT count(kid) > 0 FROM jwt.keys WHERE state = ''active'''), 'true', 'columns that are granted can be read');
SELECT is(gets('regress_jwt_auditor', query), '42501', '... and no others: ' || query)
FROM unnest(ARRAY['SELECT private_jwk FROM jwt.keys', 'SELECT count(k) FROM jwt.keys AS k', 'SELECT kid FROM jwt.keys WHERE private_jwk ^@ ''{''',
                  'SELECT kid FROM jwt.keys FOR UPDATE']) AS query;
SELECT is((jwt.check(jwt.issue('{}', 'https://own.example'))).valid, true, 'signing and verifying go on');

-- ---------------------------------------------------------------------------
-- The attack: what ANALYZE keeps of a table outlives its rows

ANALYZE jwt.keys, jwt.issuers;
SELECT is(gets(current_user, 'SELECT count(*) > 0 FROM pg_stats WHERE schemaname = ''jwt'' AND tablename = ''keys'' AND attname = ''kid'''), 'true', 'there are statistics');
SELECT is_empty($$SELECT FROM pg_statistic WHERE starelid = 'jwt.keys'::regclass
                  AND staattnum = (SELECT attnum FROM pg_attribute WHERE attrelid = 'jwt.keys'::regclass AND attname = 'private_jwk')$$, 'none of them is of private keys');
SELECT is(gets('regress_jwt_monitor', 'SELECT count(*) FROM pg_stats WHERE schemaname = ''jwt'''), '0', 'nor does who reads all data see any of jwt');

-- ---------------------------------------------------------------------------
-- Rows written by hand

-- Without a time it would verify for ever.
UPDATE jwt.keys SET state = 'retired' WHERE kid = :'kid';
UPDATE jwt.keys SET state = 'retired', retired_at = NULL WHERE issuer = 'https://foreign.example';
SELECT is(bool_and(retired_at IS NOT NULL), true, 'whatever is retired has its time') FROM jwt.keys WHERE state = 'retired';
UPDATE jwt.keys SET retired_at = retired_at - interval '1 day' WHERE state = 'retired';
SELECT is((jwt.check(jwt.sign('{"iss": "https://foreign.example"}', secret(), expires_in => '1 h'))).error, 'no key for the token', '... and ends with it');

-- A set is no key: one row of it would refuse all of the issuer's tokens.
SELECT refuses(format('INSERT INTO jwt.keys (issuer, kid, algorithm, state, public_jwk) VALUES (''https://own.example'', ''set'', ''ES256'', ''retired'', %L)',
                      jsonb_build_object('keys', jsonb_build_array(jwt.public_key(jwt.generate_key('ES256'))))), '23514', 'a JWKS as public_jwk');

-- What is published is what the row says, as it is what verifies here.
INSERT INTO jwt.keys (issuer, kid, algorithm, state, public_jwk)
SELECT 'https://own.example', 'row', 'ES256', 'retired', jwt.public_key(jwt.generate_key('ES256', kid => 'another')) - 'alg';
SELECT is(jwk - '{x,y,crv,use}'::text[], '{"kty": "EC", "kid": "row", "alg": "ES256"}', 'the row''s kid and algorithm are published')
FROM jsonb_array_elements(jwt.jwks('https://own.example') -> 'keys') AS jwk WHERE jwk ->> 'kid' NOT IN (SELECT kid FROM jwt.keys WHERE kid <> 'row');

SELECT * FROM finish();
ROLLBACK;
