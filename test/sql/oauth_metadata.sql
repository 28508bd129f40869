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
SELECT FROM oauth.create_client('Forgotten', '{https://old.example.com/cb}', response_types => '{code,token}');
SELECT FROM oauth.create_client('No code', '{https://old.example.com/cb}', grant_types => '{implicit}', response_types => '{id_token,code id_token}');
SELECT is(pg_temp.json(pg_temp.get('/.well-known/openid-configuration')) -> 'response_types_supported', '["code", "id_token"]', '... but none that no client has the grants for');
UPDATE oauth.clients SET enabled = false WHERE client_name = 'No code';
UPDATE oauth.clients SET enabled = false WHERE client_name = 'Legacy';
SELECT is(pg_temp.json(pg_temp.get('/.well-known/openid-configuration')) -> 'response_types_supported', '["code"]', '... and go when it is disabled');

-- What is advertised works: each of it is asked for, by clients that may have all there is.
SAVEPOINT advertised;
SELECT jwt.generate_key('ES256') AS key \gset
SELECT FROM oauth.create_client('All', '{https://app.example.com/cb}', client_id => 'all', scopes => '{openid,profile,email,address,phone,offline_access}', token_endpoint_auth_method => 'none',
    grant_types => '{authorization_code,refresh_token,implicit,password,urn:ietf:params:oauth:grant-type:device_code}',
    response_types => '{code,token,id_token,id_token token,code id_token,code token,code id_token token}');
SELECT client_secret AS basic FROM oauth.create_client('Basic', client_id => 'basic', grant_types => '{client_credentials}', scopes => '{}') \gset
SELECT client_secret AS post FROM oauth.create_client('Post', client_id => 'post', grant_types => '{client_credentials}', scopes => '{}', token_endpoint_auth_method => 'client_secret_post') \gset
SELECT FROM oauth.create_client('Key', client_id => 'key', grant_types => '{client_credentials}', scopes => '{}', token_endpoint_auth_method => 'private_key_jwt', jwks => jsonb_build_object('keys', jsonb_build_array(jwt.public_key(:'key'))));
SELECT pg_temp.json(pg_temp.get('/.well-known/openid-configuration')) AS metadata \gset
CREATE FUNCTION pg_temp.listed(metadata jsonb, name text) RETURNS SETOF text LANGUAGE sql AS $$SELECT v FROM jsonb_array_elements_text(metadata -> name) AS v ORDER BY v COLLATE "C"$$;
-- at /token: what is asked is known and allowed, though nothing is given
SELECT is(pg_temp.outcome(pg_temp.post('/token', oauth.form_of('grant_type', g, 'client_id', 'all'))), '400 ' || CASE g WHEN 'implicit' THEN 'unsupported_grant_type' ELSE 'invalid_request' END, 'advertised: grant type ' || g)
FROM pg_temp.listed(:'metadata', 'grant_types_supported') AS g WHERE g <> 'client_credentials';
SELECT is(pg_temp.outcome(CASE m
        WHEN 'none' THEN pg_temp.post('/token', 'grant_type=refresh_token&refresh_token=x&client_id=all')
        WHEN 'client_secret_basic' THEN pg_temp.post('/token', 'grant_type=client_credentials', pg_temp.basic('basic', :'basic'))
        WHEN 'client_secret_post' THEN pg_temp.post('/token', oauth.form_of('grant_type', 'client_credentials', 'client_id', 'post', 'client_secret', :'post'))
        WHEN 'private_key_jwt' THEN pg_temp.post('/token', oauth.form_of('grant_type', 'client_credentials', 'client_assertion_type', 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
            'client_assertion', jwt.sign('{"iss": "key", "sub": "key", "aud": "https://auth.example.com/tenant", "jti": "1"}', :'key'::jsonb, expires_in => '1 minute'))) END),
    CASE m WHEN 'none' THEN '400 invalid_grant' ELSE '200' END, 'advertised: authentication by ' || m)
FROM pg_temp.listed(:'metadata', 'token_endpoint_auth_methods_supported') AS m;
SELECT set_eq(format('SELECT pg_temp.listed(%L, ''introspection_endpoint_auth_methods_supported'')', :'metadata'), '{client_secret_basic,client_secret_post,private_key_jwt}'::text[], '... but introspection not by none');
-- at /authorize: the request is good, and nobody is logged in
CREATE FUNCTION pg_temp.leads_to(VARIADIC changes text[]) RETURNS text LANGUAGE sql AS $$
    SELECT coalesce(pg_temp.parameter(r, 'error'), substring(pg_temp.header(r, 'location') FROM '/[a-z]+\?'))
    FROM (SELECT jsonb_object_agg(v.name, v.value) AS p FROM (
        SELECT d.key, d.value FROM jsonb_each_text('{"response_type": "code", "scope": "openid", "client_id": "all", "redirect_uri": "https://app.example.com/cb", "nonce": "n", "code_challenge_method": "S256",
            "code_challenge": "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"}') AS d WHERE d.key <> ALL (changes)
        UNION ALL SELECT changes[n], changes[n + 1] FROM generate_series(1, cardinality(changes), 2) AS n) AS v (name, value)) AS q,
        pg_temp.get('/authorize', oauth.query_of(q.p)) AS r
$$;
SELECT is(pg_temp.leads_to('response_type', v), '/login?', 'advertised: response type ' || v) FROM pg_temp.listed(:'metadata', 'response_types_supported') AS v;
SELECT is(pg_temp.leads_to('response_mode', v), '/login?', 'advertised: response mode ' || v) FROM pg_temp.listed(:'metadata', 'response_modes_supported') AS v;
SELECT is(pg_temp.leads_to('scope', v), '/login?', 'advertised: scope ' || v) FROM pg_temp.listed(:'metadata', 'scopes_supported') AS v;
SELECT is(pg_temp.leads_to('prompt', v), CASE v WHEN 'none' THEN 'login_required' ELSE '/login?' END, 'advertised: prompt ' || v) FROM pg_temp.listed(:'metadata', 'prompt_values_supported') AS v;
SELECT is(pg_temp.leads_to('claims', jsonb_build_object('userinfo', jsonb_build_object(v, NULL))::text), '/login?', 'advertised: claim ' || v) FROM pg_temp.listed(:'metadata', 'claims_supported') AS v WHERE v IN ('sub', 'email', 'phone_number_verified');
SELECT is(pg_temp.leads_to(v || '', 'x'), v || '_not_supported', 'not advertised: ' || v) FROM unnest('{request,request_uri}'::text[]) AS v WHERE :'metadata'::jsonb -> (v || '_parameter_supported') = 'false';
SELECT is((jwt.decode(jwt.issue('{}', 'https://auth.example.com/tenant'))).header -> 'alg', :'metadata'::jsonb #> '{id_token_signing_alg_values_supported,0}', 'advertised: the algorithm that signs');
ROLLBACK TO advertised;

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
