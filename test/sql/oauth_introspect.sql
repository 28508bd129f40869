\i test/tap.psql
-- Token introspection (RFC 7662), signed on request (RFC 9701).
\i test/oauth.psql

BEGIN;
SELECT no_plan();
SELECT oauth.create_issuer('https://auth.example.com', 'Example') AS issuer_id \gset
SELECT oauth.create_user('alice') AS alice \gset
SELECT client_id FROM oauth.create_client('App', '{https://app.example.com/cb}', '{openid,offline_access}', client_id => 'app', token_endpoint_auth_method => 'none') \gset
SELECT client_secret AS web FROM oauth.create_client('Web', '{https://app.example.com/cb}', '{openid,offline_access}', client_id => 'web') \gset
SELECT client_secret AS api FROM oauth.create_client('API', client_id => 'api', grant_types => '{}', scopes => '{}') \gset
SELECT client_secret AS other FROM oauth.create_client('Other', client_id => 'other', grant_types => '{}', scopes => '{}') \gset
SELECT oauth.create_resource('https://api.example.com', 'API', client_id => 'api') \g /dev/null
SELECT oauth.create_resource('https://other.example.com', 'Other', client_id => 'other', access_token_format => 'opaque') \g /dev/null

CREATE FUNCTION pg_temp.introspect(token text, client_id text, secret text, headers jsonb DEFAULT '{}') RETURNS oauth.response LANGUAGE sql AS $$
    SELECT pg_temp.post('/introspect', oauth.form_of('token', token), pg_temp.basic(client_id, secret) || headers)
$$;
CREATE FUNCTION pg_temp.tokens(client_id text, resources text[], OUT access text, OUT refresh text, OUT family_id uuid) LANGUAGE plpgsql AS $$
BEGIN
    family_id := pg_temp.new_family(client_id, (SELECT subject FROM oauth.users WHERE username = 'alice'), 'openid offline_access', resources);
    SELECT (oauth.issue_access_token(i, c, f, f.scopes, f.resources)).token, oauth.issue_refresh_token(i, f) INTO access, refresh
    FROM oauth.token_families AS f JOIN oauth.issuers AS i USING (issuer_id) JOIN oauth.clients AS c USING (issuer_id, client_id)
    WHERE f.family_id = tokens.family_id;
END
$$;
SELECT * FROM pg_temp.tokens('web', '{https://api.example.com}') \gset

-- ---------------------------------------------------------------------------
-- What is told, to whom

SELECT r AS response FROM pg_temp.introspect(:'access', 'api', :'api') AS r \gset
SELECT is((:'response'::oauth.response).status, 200, 'the resource server asks');
SELECT is(pg_temp.json(:'response'), jwt.verify(:'access') || '{"active": true, "token_type": "Bearer"}', '... and hears what the token says');
SELECT ok(pg_temp.json(:'response') ?& '{active,iss,sub,aud,client_id,scope,exp,iat,jti,token_type}', '... all of RFC 7662 2.2 that there is');
SELECT is(pg_temp.header(:'response', 'cache-control') || pg_temp.header(:'response', 'content-type'), 'no-storeapplication/json', '... not to be stored');
SELECT is(pg_temp.json(pg_temp.introspect(:'access', 'web', :'web')) -> 'active', 'true', 'the token''s client asks');
SELECT is(pg_temp.json(pg_temp.introspect(:'access', 'other', :'other')), '{"active": false}', 'another resource server does not learn of it (RFC 7662 4)');
SELECT is((pg_temp.introspect(:'access', 'other', :'other')).status, 200, '... and that is no error');
SELECT is(pg_temp.json(pg_temp.introspect(:'refresh', 'web', :'web')) - '{iat,exp}'::text[],
    jsonb_build_object('active', true, 'iss', 'https://auth.example.com', 'client_id', 'web', 'sub', :'alice', 'scope', 'openid offline_access'), 'a refresh token, for its client');
SELECT is(pg_temp.json(pg_temp.introspect(:'refresh', 'api', :'api')), '{"active": false}', '... and nobody else');

SELECT access AS opaque FROM pg_temp.tokens('web', '{https://other.example.com}') \gset
SELECT is(pg_temp.json(pg_temp.introspect(:'opaque', 'other', :'other')) ->> 'sub', :'alice', 'an opaque token');
SELECT is(pg_temp.json(pg_temp.introspect(:'opaque', 'api', :'api')), '{"active": false}', '... is for its resource server alone');
SELECT access AS both FROM pg_temp.tokens('web', '{https://api.example.com,https://other.example.com}') \gset
SELECT is(pg_temp.json(pg_temp.introspect(:'both', 'api', :'api')) -> 'active', 'true', 'one of two audiences');

-- ---------------------------------------------------------------------------
-- Who may ask

SELECT is(pg_temp.outcome(pg_temp.post('/introspect', oauth.form_of('token', :'access'))), '401 invalid_client', 'nobody');
SELECT is(pg_temp.outcome(pg_temp.post('/introspect', oauth.form_of('token', :'access', 'client_id', 'web'))), '401 invalid_client', 'a client that does not authenticate');
SELECT access AS public FROM pg_temp.tokens('app', '{}') \gset
SELECT is(pg_temp.outcome(pg_temp.post('/introspect', oauth.form_of('token', :'public', 'client_id', 'app'))), '401 invalid_client', 'a public client, of its own token');
SELECT is(pg_temp.outcome(pg_temp.introspect(:'access', 'api', 'x')), '401 invalid_client', 'a wrong secret');
SELECT is(pg_temp.outcome(pg_temp.introspect(NULL, 'api', :'api')), '400 invalid_request', 'no token');
SELECT is(pg_temp.outcome(pg_temp.post('/introspect', '', pg_temp.basic('api', :'api'), 'token=' || :'access')), '400 invalid_request', 'a token in the query');
SELECT is((pg_temp.get('/introspect', 'token=x')).status, 405, 'by GET');

-- ---------------------------------------------------------------------------
-- What is inactive

SELECT is(pg_temp.json(pg_temp.introspect(t, 'api', :'api')), '{"active": false}', 'inactive: ' || t)
FROM unnest(ARRAY['x', 'a.b.c', 'eyJhbGciOiJub25lIn0.e30.', repeat('a', 43), 'é']) AS t;
SELECT is(pg_temp.json(pg_temp.introspect(left(:'access', -1), 'api', :'api')), '{"active": false}', 'inactive: a truncated one');
SELECT is(pg_temp.json(pg_temp.introspect(oauth.issue_id_token(i, c, f), 'web', :'web')), '{"active": false}', 'inactive: an ID token')
FROM oauth.token_families AS f JOIN oauth.issuers AS i USING (issuer_id) JOIN oauth.clients AS c USING (issuer_id, client_id) WHERE f.family_id = :'family_id';
SELECT jwt.create_issuer('https://other.example.com') \g /dev/null
SELECT is(pg_temp.json(pg_temp.introspect(jwt.issue('{"sub": "alice", "client_id": "web"}', 'https://other.example.com', type => 'at+jwt'), 'web', :'web')), '{"active": false}', 'inactive: another issuer''s');
SELECT is(pg_temp.json(pg_temp.introspect(jwt.issue(jsonb_build_object('sub', 'alice', 'client_id', 'web', 'family_id', gen_random_uuid()), 'https://auth.example.com', type => 'at+jwt'), 'web', :'web')),
    '{"active": false}', 'inactive: of a family that is not known');
CREATE FUNCTION pg_temp.both_inactive(access text, refresh text, secret text) RETURNS text LANGUAGE sql AS $$
    SELECT concat_ws(' ', pg_temp.json(pg_temp.introspect(access, 'web', secret)), pg_temp.json(pg_temp.introspect(refresh, 'web', secret)))
$$;
SAVEPOINT s;
SELECT oauth.revoke_family(:issuer_id, :'family_id');
SELECT is(pg_temp.both_inactive(:'access', :'refresh', :'web'), '{"active": false} {"active": false}', 'inactive: the family is revoked');
ROLLBACK TO s;
UPDATE oauth.users SET enabled = false;
SELECT is(pg_temp.both_inactive(:'access', :'refresh', :'web'), '{"active": false} {"active": false}', 'inactive: the user is disabled');
ROLLBACK TO s;
UPDATE oauth.clients SET enabled = false WHERE client_id = 'web';
SELECT is(pg_temp.json(pg_temp.introspect(:'access', 'api', :'api')), '{"active": false}', 'inactive: the client is disabled');
ROLLBACK TO s;
SELECT oauth.revoke(:issuer_id, 'token', jwt.verify(:'access') ->> 'jti');
SELECT is(pg_temp.json(pg_temp.introspect(:'access', 'api', :'api')), '{"active": false}', 'inactive: the token is revoked');
ROLLBACK TO s;
UPDATE oauth.access_tokens SET expires_at = now();
SELECT is(pg_temp.json(pg_temp.introspect(:'opaque', 'other', :'other')), '{"active": false}', 'inactive: an expired opaque one');
UPDATE oauth.refresh_tokens SET expires_at = now();
SELECT is(pg_temp.json(pg_temp.introspect(:'refresh', 'web', :'web')), '{"active": false}', 'inactive: an expired refresh token');
ROLLBACK TO s;
UPDATE oauth.refresh_tokens SET consumed_at = now();
SELECT is(pg_temp.json(pg_temp.introspect(:'refresh', 'web', :'web')), '{"active": false}', 'inactive: a used refresh token');
ROLLBACK TO s;

-- ---------------------------------------------------------------------------
-- Pairwise subjects (OpenID Connect Core 1.0 8)

UPDATE oauth.clients SET subject_type = 'pairwise' WHERE client_id = 'web';
-- others, and she elsewhere, have one too
SELECT oauth.create_user('bob') AS bob \gset
INSERT INTO oauth.pairwise_subjects (issuer_id, sector_identifier, subject) SELECT c.issuer_id, c.sector_identifier, :'bob' FROM oauth.clients AS c WHERE c.client_id = 'web' UNION ALL SELECT :issuer_id, 'a.example.com', :'alice';
SELECT * FROM pg_temp.tokens('web', '{https://api.example.com}') \gset
SELECT is(pg_temp.json(pg_temp.introspect(:'refresh', 'web', :'web')) ->> 'sub', jwt.verify(:'access') ->> 'sub', 'a refresh token names the subject that the client knows');
SELECT isnt(jwt.verify(:'access') ->> 'sub', :'alice', '... which is not the user''s');

-- ---------------------------------------------------------------------------
-- A signed answer (RFC 9701)

SELECT r AS response FROM pg_temp.introspect(:'access', 'api', :'api', '{"accept": "application/token-introspection+jwt"}') AS r \gset
SELECT is(pg_temp.header(:'response', 'content-type'), 'application/token-introspection+jwt', 'signed on request');
SELECT jwt.verify(pg_temp.text(:'response'), key => jwt.jwks('https://auth.example.com'), issuer => 'https://auth.example.com', audience => '{api}', type => 'token-introspection+jwt') AS answer \gset
SELECT is(:'answer'::jsonb -> 'token_introspection', pg_temp.json(pg_temp.introspect(:'access', 'api', :'api')), '... with the same answer');
SELECT is(:'answer'::jsonb ? 'sub', false, '... which is no token to log in with (RFC 9701 5)');
SELECT is((SELECT valid FROM jwt.check(pg_temp.text(:'response'))), false, '... nor an access token');
SELECT is(jwt.verify(pg_temp.text(pg_temp.introspect('x', 'api', :'api', '{"accept": "application/json;q=0.5, application/token-introspection+jwt"}')), key => jwt.jwks('https://auth.example.com'), type => 'token-introspection+jwt')
    -> 'token_introspection', '{"active": false}', 'an inactive one');
SELECT is(pg_temp.header(pg_temp.introspect(:'access', 'api', :'api', jsonb_build_object('accept', a)), 'content-type'), 'application/json', 'Accept: ' || a)
FROM unnest(ARRAY['*/*', 'application/json', 'application/jwt', '']) AS a;

SELECT is((SELECT count(*) FROM oauth.audit WHERE event = 'server_error'), 0::bigint, 'nothing was unforeseen');
SELECT * FROM finish();
ROLLBACK;
