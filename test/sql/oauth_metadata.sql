\i test/tap.psql
-- What the server publishes: both discovery documents, its keys, and the
-- metadata of its resources.  What is advertised works, what is off is absent.
\i test/oauth.psql

BEGIN;
SELECT no_plan();
SELECT oauth.create_issuer('https://auth.example.com/tenant', 'Example') AS issuer_id \gset
SELECT client_id FROM oauth.create_client('App', '{https://app.example.com/cb}') \gset

-- ---------------------------------------------------------------------------
-- Discovery (RFC 8414, OpenID Connect Discovery 1.0)

SELECT is(pg_temp.text(pg_temp.get('/.well-known/openid-configuration')),
          pg_temp.text(pg_temp.get('/.well-known/oauth-authorization-server')), 'both documents are the same');
SELECT pg_temp.json(pg_temp.get('/.well-known/openid-configuration')) AS metadata \gset
SELECT is(:'metadata'::jsonb ->> 'issuer', 'https://auth.example.com/tenant', 'the issuer, byte for byte');
SELECT is(pg_temp.header(pg_temp.get('/.well-known/openid-configuration'), 'content-type'), 'application/json', 'it is JSON');
SELECT matches(pg_temp.header(pg_temp.get('/.well-known/openid-configuration'), 'cache-control'), '^public, max-age=\d+$', '... that may be cached');
SELECT set_eq(
    $$ SELECT key FROM jsonb_each_text($$ || quote_literal(:'metadata') || $$::jsonb) WHERE key ~ '_(endpoint|uri)$' AND value !~ '^https://auth.example.com/tenant/' $$,
    ARRAY[]::text[], 'every endpoint is below the issuer');
SELECT ok(e.value IN (SELECT 'https://auth.example.com/tenant' || path FROM oauth.endpoints), e.key || ' is served')
FROM jsonb_each_text(:'metadata') AS e WHERE e.key ~ '_(endpoint|uri)$';
SELECT ok(:'metadata'::jsonb ?& '{issuer,jwks_uri,response_types_supported,subject_types_supported,id_token_signing_alg_values_supported}',
          'what OpenID Connect Discovery 3 requires is there');
SELECT is(:'metadata'::jsonb -> 'id_token_signing_alg_values_supported', '["ES256"]', 'the algorithm of the active key');
SELECT is(:'metadata'::jsonb -> 'code_challenge_methods_supported', '["S256"]', 'PKCE by S256 only');
SELECT is(:'metadata'::jsonb -> 'grant_types_supported', '["authorization_code", "refresh_token"]', 'grants that a client may use');
SELECT is(:'metadata'::jsonb -> 'response_types_supported', '["code"]', 'no implicit while it is off');
SELECT is(:'metadata'::jsonb -> 'device_authorization_endpoint', NULL, 'no device grant while no client may use it');
SELECT is(:'metadata'::jsonb -> 'token_endpoint_auth_signing_alg_values_supported', NULL, 'no private_key_jwt either');

SELECT lives_ok($$ SELECT oauth.create_client('Legacy', '{https://old.example.com/cb}', grant_types => '{implicit,password}', response_types => '{id_token}') $$, 'a legacy client');
SELECT pg_temp.json(pg_temp.get('/.well-known/openid-configuration')) AS metadata \gset
SELECT is(:'metadata'::jsonb -> 'grant_types_supported', '["authorization_code", "implicit", "password", "refresh_token"]', 'legacy grants appear when a client has them');
SELECT is(:'metadata'::jsonb -> 'response_types_supported', '["code", "id_token"]', '... and their response types');
UPDATE oauth.clients SET enabled = false WHERE client_name = 'Legacy';
SELECT is(pg_temp.json(pg_temp.get('/.well-known/openid-configuration')) -> 'response_types_supported', '["code"]', '... and go when it is disabled');

-- ---------------------------------------------------------------------------
-- Keys (RFC 7517 5)

SELECT pg_temp.json(pg_temp.get('/.well-known/jwks.json')) -> 'keys' AS keys \gset
SELECT is(:'keys'::jsonb, jwt.jwks('https://auth.example.com/tenant') -> 'keys', 'the keys of the issuer');
-- A resource server meets tokens of yesterday's key: it is published as long as any may live.
SAVEPOINT rotated;
SELECT throws_ok(format('UPDATE oauth.issuers SET %I = ''25 hours''', c), '23514', NULL, c || ': a token lives for a day at most') FROM unnest('{access_token_lifetime,id_token_lifetime}'::text[]) AS c;
SELECT jwt.rotate_key('https://auth.example.com/tenant') \g /dev/null
CREATE FUNCTION pg_temp.published() RETURNS text LANGUAGE sql AS $$
    SELECT string_agg(k.state, ' ' ORDER BY k.state) FROM jwt.keys AS k JOIN jsonb_array_elements(pg_temp.json(pg_temp.get('/.well-known/jwks.json')) -> 'keys') AS j ON j ->> 'kid' = k.kid
$$;
SELECT is(pg_temp.published(), 'active next retired', 'the next key, the active one and the one before');
UPDATE jwt.keys SET retired_at = statement_timestamp() - interval '1 day' WHERE state = 'retired';
SELECT is(pg_temp.published(), 'active next retired', '... for a day');
UPDATE jwt.keys SET retired_at = statement_timestamp() - interval '1 day 1 minute' WHERE state = 'retired';
SELECT is(pg_temp.published(), 'active next', '... and no longer');
ROLLBACK TO rotated;
SELECT is((SELECT count(*) FROM jsonb_array_elements(:'keys'::jsonb) AS k WHERE k ?| '{d,k,p,q,dp,dq,qi,oth}'), 0::bigint, 'no private member');
SELECT is((SELECT count(DISTINCT k ->> 'kid') FROM jsonb_array_elements(:'keys'::jsonb) AS k), jsonb_array_length(:'keys')::bigint, 'kids are unique');
SELECT jwt.create_issuer('https://other.example.com') \g /dev/null
SELECT is(pg_temp.json(pg_temp.get('/.well-known/jwks.json')) -> 'keys', :'keys'::jsonb, 'no other issuer''s keys');

-- ---------------------------------------------------------------------------
-- Protected resources (RFC 9728)

SELECT is((pg_temp.get('/.well-known/oauth-protected-resource')).status, 404, 'no resource, no metadata');
INSERT INTO oauth.resources (issuer_id, resource, resource_name) VALUES (:issuer_id, 'https://api.example.com', 'API'), (:issuer_id, 'https://b.example.com', 'B');
INSERT INTO oauth.scopes (issuer_id, scope, description, resource) VALUES (:issuer_id, 'read', 'Read', 'https://api.example.com');
UPDATE oauth.issuers SET default_resource = 'https://api.example.com';
SELECT is(pg_temp.json(pg_temp.get('/.well-known/oauth-protected-resource')),
          '{"resource": "https://api.example.com", "resource_name": "API", "authorization_servers": ["https://auth.example.com/tenant"],
            "scopes_supported": ["read"], "bearer_methods_supported": ["header"]}', 'the default resource');
SELECT is(pg_temp.json(pg_temp.get('/.well-known/oauth-protected-resource', 'resource=https%3A%2F%2Fb.example.com')) ->> 'resource', 'https://b.example.com', 'the one named');
SELECT is((pg_temp.get('/.well-known/oauth-protected-resource', 'resource=https%3A%2F%2Fc.example.com')).status, 404, 'an unknown one');

-- ---------------------------------------------------------------------------
-- Every endpoint: methods, issuers, malformed queries

SELECT is((pg_temp.post('/.well-known/jwks.json')).status, 405, 'POST is not for it');
SELECT is(pg_temp.header(pg_temp.post('/.well-known/jwks.json'), 'allow'), 'GET, HEAD', '... and Allow says what is (RFC 9110 15.5.6)');
SELECT is((pg_temp.get('/nowhere')).status, 404, 'an unknown path');
SELECT is(pg_temp.json(pg_temp.get('/nowhere')) ->> 'error', 'invalid_request', '... is JSON too');
SELECT is((pg_temp.get('/.well-known/jwks.json', q)).status, 400, 'refused: ' || q)
FROM unnest(ARRAY['a=%', 'a=%4', 'a=%zz', 'a=%ff', 'a=%c0%80', 'a=1&a=2', 'a=%00']) AS q;
SELECT is((pg_temp.get('/.well-known/jwks.json', 'unknown=1&a=&a=2')).status, 200, 'unknown parameters are ignored, empty ones absent (RFC 6749 3.1)');
SELECT is((oauth.handle(ROW('https://no.example.com', 'GET', '/.well-known/jwks.json', '', '{}', NULL, NULL, NULL)::oauth.request)).status, 404, 'an unknown issuer');
SELECT oauth.create_issuer('https://second.example.com') \g /dev/null
SELECT is((pg_temp.get('/.well-known/jwks.json')).status, 404, 'with two issuers, one must be named');
SELECT is((oauth.handle(ROW('https://second.example.com', 'GET', '/.well-known/jwks.json', '', '{}', NULL, NULL, NULL)::oauth.request)).status, 200, '... and then is found');
UPDATE oauth.issuers SET enabled = false WHERE issuer = 'https://second.example.com';
SELECT is((oauth.handle(ROW('https://second.example.com', 'GET', '/.well-known/jwks.json', '', '{}', NULL, NULL, NULL)::oauth.request)).status, 404, 'a disabled issuer');

SELECT * FROM finish();
ROLLBACK;
