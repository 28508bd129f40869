\i test/tap.psql
-- By what means users have logged in (acr), and clients that ask for better ones
-- (OpenID Connect Core 1.0 3.1.2.1 and 5.5.1.1, RFC 9470).  The attacker has a user's
-- password, and wants a token that says more was asked for; or is an issuer that says
-- so of its own accord.
\i test/oauth.psql

SELECT no_plan();
BEGIN;
SET LOCAL oauth_jwt.password_cost = 10;
SELECT oauth.create_issuer('https://auth.example.com', 'Example Inc.') AS issuer_id \gset
SELECT client_id FROM oauth.create_client('App', '{https://app.example.com/cb}', scopes => '{openid}', grant_types => '{authorization_code,implicit,password}',
    response_types => '{code,id_token token}', token_endpoint_auth_method => 'none', require_consent => false) \gset
SELECT oauth.create_user('alice', 'correct horse') AS alice \gset

CREATE TEMP TABLE foreign_key AS SELECT jwt.generate_key('ES256') AS key;
INSERT INTO jwt.issuers (issuer, jwks, algorithms)
SELECT i, jsonb_build_object('keys', jsonb_build_array(jwt.public_key(key))), '{ES256}' FROM foreign_key, (VALUES ('https://idp.example.net'), ('https://other.example.net')) AS v (i);

-- A request that is good, and what it asks besides.
CREATE FUNCTION pg_temp.query(client_id text, VARIADIC besides text[]) RETURNS text
LANGUAGE sql AS $$
    SELECT oauth.form_of('response_type', 'code', 'client_id', client_id, 'redirect_uri', 'https://app.example.com/cb', 'scope', 'openid', 'nonce', 'n', 'state', 's',
        'code_challenge_method', 'S256', 'code_challenge', 'E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM') || '&' || oauth.form_of(VARIADIC besides)
$$;
CREATE FUNCTION pg_temp.essential(VARIADIC acr text[]) RETURNS text
LANGUAGE sql AS $$SELECT jsonb_build_object('id_token', jsonb_build_object('acr', jsonb_build_object('essential', true, 'values', acr)))::text$$;
CREATE FUNCTION pg_temp.log_in(query text DEFAULT NULL, password text DEFAULT 'correct horse', cookie jsonb DEFAULT NULL) RETURNS oauth.response
LANGUAGE plpgsql AS $$
DECLARE
    headers jsonb := coalesce(cookie, pg_temp.cookie(pg_temp.get('/login')));
BEGIN
    RETURN pg_temp.post('/login', oauth.form_of('username', 'alice', 'password', password, 'csrf', pg_temp.csrf(headers), 'request', query), headers);
END
$$;
CREATE FUNCTION pg_temp.id_token(cookie jsonb, claims jsonb) RETURNS text
LANGUAGE sql AS $$
    SELECT jwt.sign(jsonb_build_object('iss', 'https://idp.example.net', 'sub', '4711', 'aud', 'we-there', 'nonce', oauth.login_nonce(substring(cookie ->> 'cookie' FROM '=(.*)$')),
            'iat', extract(epoch FROM statement_timestamp())::bigint, 'exp', extract(epoch FROM statement_timestamp())::bigint + 300, 'jti', gen_random_uuid()) || claims, key)
    FROM foreign_key
$$;
CREATE FUNCTION pg_temp.come_back(claims jsonb, query text DEFAULT NULL) RETURNS oauth.response
LANGUAGE sql AS $$
    SELECT pg_temp.post('/login', oauth.form_of('id_token', pg_temp.id_token(c, claims), 'state', query), c) FROM pg_temp.cookie(pg_temp.get('/login')) AS c
$$;
-- Where somebody is sent, and with what error: 'login', 'app', 'app access_denied'
CREATE FUNCTION pg_temp.told(response oauth.response) RETURNS text
LANGUAGE sql AS $$
    SELECT concat_ws(' ', coalesce(substring(location FROM '^https://auth\.example\.com/(\w+)'), substring(location FROM '^https://(app)\.example\.com/cb\?'), response.status::text),
        pg_temp.parameter(response, 'error'))
    FROM pg_temp.header(response, 'location') AS location
$$;
CREATE FUNCTION pg_temp.ask(cookie jsonb, client_id text, VARIADIC besides text[]) RETURNS text
LANGUAGE sql AS $$SELECT pg_temp.told(pg_temp.get('/authorize', pg_temp.query(client_id, VARIADIC besides), cookie))$$;
CREATE FUNCTION pg_temp.supported() RETURNS jsonb
LANGUAGE sql AS $$SELECT pg_temp.json(pg_temp.get('/.well-known/openid-configuration')) -> 'acr_values_supported'$$;

-- ---------------------------------------------------------------------------
-- What is stated, and advertised

SELECT is(pg_temp.supported(), NULL, 'nothing is advertised that nobody has said');
SELECT is((pg_temp.session_at(pg_temp.cookie(pg_temp.log_in()))).acr, NULL, '... nor stated');
SELECT throws_ok(format('UPDATE oauth.issuers SET acr_values = %L', v), '23514', NULL, 'no acr: ' || v) FROM unnest('{"{\"\"}","{a b}","{NULL}","{a,é}"}'::text[]) AS v;
UPDATE oauth.issuers SET acr_values = '{urn:pwd,urn:mfa}';
SELECT is(pg_temp.supported(), '["urn:pwd"]', 'a password is of the first class');
SELECT pg_temp.cookie(pg_temp.log_in()) AS alice_here \gset
SELECT is((pg_temp.session_at(:'alice_here')).acr, 'urn:pwd', '... which a log-in has then');
SELECT pg_temp.get('/authorize', replace(pg_temp.query(:'client_id', 'x', 'y'), 'response_type=code', 'response_type=id_token%20token'), :'alice_here') AS answer \gset
SELECT is((SELECT array_agg((jwt.decode(pg_temp.parameter(:'answer', name))).payload ->> 'acr') FROM unnest('{id_token,access_token}'::text[]) AS name),
    '{urn:pwd,urn:pwd}', '... and its tokens say (RFC 9068 2.2.1, RFC 9470 6)');
SELECT ok(oauth.introspection(i, c, pg_temp.parameter(:'answer', 'access_token')) @> '{"active": true, "acr": "urn:pwd"}' AND oauth.introspection(i, c, pg_temp.parameter(:'answer', 'access_token')) ? 'auth_time',
    '... and introspection, with the time of the log-in (RFC 9470 6.2)') FROM oauth.issuers AS i JOIN oauth.clients AS c USING (issuer_id);
SELECT is(pg_temp.access(pg_temp.post('/token', oauth.form_of('grant_type', 'password', 'username', 'alice', 'password', 'correct horse', 'scope', 'openid', 'client_id', :'client_id'))) ->> 'acr',
    'urn:pwd', '... those of the password grant, too');

-- An issuer is believed what it was given to say.
SELECT oauth.create_identity_provider('https://idp.example.net', 'we-there', 'Example ID', 'https://idp.example.net/authorize', acr_values => '{urn:otp,urn:key}');
SELECT oauth.link_identity(:'alice', 'https://idp.example.net', '4711');
SELECT throws_ok($$SELECT oauth.create_identity_provider('https://other.example.net', 'we-there', acr_values => '{a b}')$$, '23514', NULL, 'no acr of a provider: a b');
SELECT is(pg_temp.supported(), '["urn:key", "urn:otp", "urn:pwd"]', 'what another issuer can say is advertised');
SELECT is((pg_temp.session_at(pg_temp.cookie(pg_temp.come_back(claims)))).acr, acr, 'its token says ' || claims::text)
FROM (VALUES ('{"acr": "urn:key"}'::jsonb, 'urn:key'), ('{"acr": "urn:pwd"}', NULL), ('{"acr": "urn:root"}', NULL), ('{"acr": ["urn:key"]}', NULL), ('{"acr": null}', NULL), ('{}', NULL)) AS v (claims, acr);
SAVEPOINT s;
UPDATE oauth.identity_providers SET enabled = false;
SELECT is(pg_temp.supported(), '["urn:pwd"]', '... not of one that logs nobody in');
ROLLBACK TO s;
UPDATE jwt.issuers SET enabled = false WHERE issuer = 'https://idp.example.net';
SELECT is(pg_temp.supported(), '["urn:pwd"]', '... nor of one that is trusted no more');
ROLLBACK TO s;

-- ---------------------------------------------------------------------------
-- A wish (acr_values)

SELECT is(pg_temp.ask(:'alice_here', :'client_id', 'acr_values', 'urn:pwd'), 'app', 'the session has it');
SELECT is(pg_temp.ask(:'alice_here', :'client_id', 'acr_values', 'urn:key urn:pwd'), 'app', '... it is one of several');
SELECT is(pg_temp.ask(:'alice_here', :'client_id', 'acr_values', 'urn:key urn:otp'), 'login', 'the session has none of them, and a log-in can: asked');
SELECT is(pg_temp.ask(:'alice_here', :'client_id', 'acr_values', 'urn:key', 'prompt', 'none'), 'app login_required', '... or the client is told that one would be');
SELECT is(pg_temp.ask(:'alice_here', :'client_id', 'acr_values', 'urn:mfa'), 'app', 'no log-in can: nobody is asked for nothing');
SELECT is(pg_temp.ask(:'alice_here', :'client_id', 'claims', '{"id_token": {"acr": {"values": ["urn:key"]}}}'), 'app', '... nor for a claim that is voluntary');
SELECT is(pg_temp.ask(:'alice_here', :'client_id', 'claims', '{"id_token": {"acr": {"essential": true}}}', 'acr_values', 'urn:key'), 'app', 'an essential acr without values is any, whatever acr_values says');
CREATE FUNCTION pg_temp.hint(cookie jsonb, VARIADIC besides text[]) RETURNS text
LANGUAGE sql AS $$
    SELECT substring(pg_temp.text(pg_temp.get('/login', oauth.form_of('request', pg_temp.query(c.client_id, VARIADIC besides)), cookie)) FROM 'role="alert">([^<]*)<') FROM oauth.clients AS c
$$;
SELECT is(pg_temp.hint(:'alice_here', 'acr_values', 'urn:key'), 'The application asks for another kind of log-in than the one you have.', 'the page says why');
SELECT is(pg_temp.hint(cookie, VARIADIC besides), NULL, '... not ' || what)
FROM (VALUES ('{}'::jsonb, '{acr_values,urn:key}'::text[], 'to somebody who has none'), (:'alice_here', '{acr_values,urn:pwd}', 'where it is the right one'), (:'alice_here', '{prompt,login}', 'where none is asked for')) AS v (cookie, besides, what);
SELECT pg_temp.log_in(pg_temp.query(:'client_id', 'acr_values', 'urn:key'), cookie => :'alice_here') AS again \gset
SELECT is(pg_temp.told(:'again'), 'authorize', 'who logs in by password all the same');
SELECT is(pg_temp.told(pg_temp.get('/authorize', substring(pg_temp.header(:'again', 'location') FROM '\?(.*)'), pg_temp.cookie(:'again'))), 'app', '... is not asked for ever');
SELECT pg_temp.come_back('{"acr": "urn:key"}', pg_temp.query(:'client_id', 'acr_values', 'urn:key')) AS again \gset
SELECT is(pg_temp.told(pg_temp.get('/authorize', pg_temp.query(:'client_id', 'acr_values', 'urn:key'), pg_temp.cookie(:'again'))), 'app', 'who logs in by better means has it from then on');
SELECT pg_temp.cookie(:'again') AS strong \gset

-- The other issuer is asked for what is asked here.
SELECT is(substring(pg_temp.text(pg_temp.get('/login', oauth.form_of('request', pg_temp.query(:'client_id', name, value)))) FROM 'href="https://idp[^"]*&amp;acr_values=([^&"]*)'), sent, 'the link: ' || what)
FROM (VALUES
    ('acr_values', 'urn:key urn:pwd', 'urn%3Akey', 'what it can say, of what is asked for'),
    ('acr_values', 'urn:pwd', NULL, '... nothing else'),
    ('claims', pg_temp.essential('urn:otp', 'urn:mfa'), 'urn%3Aotp', '... of an essential claim, too'),
    ('x', 'y', NULL, '... nothing, where nothing is asked for')) AS v (name, value, sent, what);

-- ---------------------------------------------------------------------------
-- A condition (acr as an essential claim)

SELECT is(pg_temp.ask(cookie, :'client_id', 'claims', pg_temp.essential('urn:mfa')), 'app unmet_authentication_requirements', 'no log-in can: told at once, ' || who)
FROM (VALUES (:'alice_here'::jsonb, 'of a user'), ('{}', 'and of nobody')) AS v (cookie, who);
SELECT is(pg_temp.ask(:'alice_here', :'client_id', 'prompt', 'none', 'claims', pg_temp.essential('urn:mfa')), 'app unmet_authentication_requirements', '... with prompt=none as well');
SELECT is(pg_temp.ask(:'strong', :'client_id', 'claims', pg_temp.essential('urn:mfa', 'urn:key')), 'app', 'the session has it');
SELECT is(pg_temp.ask(:'strong', :'client_id', 'claims', '{"id_token": {"acr": {"essential": true, "value": "urn:key"}}}'), 'app', '... as the only value');
SELECT is(pg_temp.ask(pg_temp.cookie(pg_temp.log_in()), :'client_id', 'claims', pg_temp.essential('urn:key')), 'login', 'the session has it not, and a log-in can: asked');
SELECT is(pg_temp.ask(pg_temp.cookie(pg_temp.log_in()), :'client_id', 'claims', '{"id_token": {"acr": {"essential": true, "value": "urn:key"}}}'), 'login', '... for the only value as well');
SELECT is(pg_temp.ask(pg_temp.cookie(pg_temp.log_in()), :'client_id', 'claims', pg_temp.essential('urn:key'), 'acr_values', 'urn:pwd'), 'login', '... acr_values make it no weaker');
SELECT is(pg_temp.ask(pg_temp.cookie(pg_temp.log_in()), :'client_id', 'claims', pg_temp.essential('urn:key'), 'prompt', 'none'), 'app login_required', '... or the client is told that one would be');
SELECT pg_temp.log_in(pg_temp.query(:'client_id', 'claims', pg_temp.essential('urn:key')), cookie => :'strong') AS weak \gset
SELECT is(pg_temp.told(:'weak'), 'app unmet_authentication_requirements', 'the attacker logs in by password: the client is told, and given nothing');
SELECT is((pg_temp.session_at(pg_temp.cookie(:'weak'))).acr, 'urn:pwd', '... the session is one by password');
SELECT is(pg_temp.parameter(:'weak', 'state') || ' ' || pg_temp.parameter(:'weak', 'iss'), 's https://auth.example.com', '... with state and iss');
SELECT is(pg_temp.ask(pg_temp.cookie(:'weak'), :'client_id', 'claims', pg_temp.essential('urn:key')), 'login', '... and what was better once is worth nothing any more');
SELECT pg_temp.log_in(pg_temp.query(:'client_id', 'response_mode', 'form_post', 'claims', pg_temp.essential('urn:key'))) AS posted \gset
SELECT is(pg_temp.field(:'posted', 'error'), 'unmet_authentication_requirements', '... by form_post, where it asks for that');
SELECT isnt(pg_temp.cookie(:'posted'), NULL, '... and the browser has its session');
SELECT is(pg_temp.told(pg_temp.come_back('{"acr": "urn:otp"}', pg_temp.query(:'client_id', 'claims', pg_temp.essential('urn:key')))), 'app unmet_authentication_requirements', 'so is one by other means elsewhere');
SELECT is(pg_temp.told(pg_temp.come_back('{"acr": "urn:key"}', pg_temp.query(:'client_id', 'claims', pg_temp.essential('urn:key')))), 'authorize', 'one by the right means goes on');
SELECT is(pg_temp.told(pg_temp.log_in(replace(pg_temp.query(:'client_id', 'claims', pg_temp.essential('urn:key')), 'app.example.com', 'evil.example.com'))), 'authorize', 'nobody is sent to an address that is not the client''s');

-- ---------------------------------------------------------------------------
-- The operator's own function

CREATE SCHEMA app;
CREATE FUNCTION app.authenticate(username text, password text) RETURNS jsonb LANGUAGE sql AS $$SELECT nullif(password, 'null')::jsonb$$;
SELECT oauth.set_authenticate_function('app.authenticate(text, text)');
SELECT is(pg_temp.supported(), '["urn:key", "urn:mfa", "urn:otp", "urn:pwd"]', 'it can say each that the issuer has');
CREATE FUNCTION pg_temp.session_by(answer text) RETURNS text LANGUAGE sql AS $$
    SELECT concat_ws(' ', r.status, s.subject, s.acr, s.amr) FROM pg_temp.log_in(password => answer) AS r LEFT JOIN LATERAL pg_temp.session_at(pg_temp.cookie(r)) AS s ON s.sid IS NOT NULL
$$;
SELECT is(pg_temp.session_by(answer), session, 'it answers ' || answer)
FROM (VALUES
    ('{"sub": "1"}', '303 1 {pwd}'),
    ('{"sub": "1", "acr": "urn:mfa", "amr": ["pwd", "otp"]}', '303 1 urn:mfa {pwd,otp}'),
    ('{"sub": "1", "acr": "urn:root"}', '303 1 {pwd}'),
    ('{"sub": "1", "acr": ["urn:mfa"], "amr": "otp"}', '303 1 {pwd}'),
    ('{"sub": "1", "acr": null, "amr": []}', '303 1 {pwd}'),
    ('"1"', '303 1 {pwd}')) AS v (answer, session);
DELETE FROM oauth.throttle;
SELECT is(pg_temp.session_by(answer), '401', 'nobody: ' || answer) FROM unnest('{null,"{}","[]"}'::text[]) AS answer;
SELECT is(pg_temp.told(pg_temp.log_in(pg_temp.query(:'client_id', 'claims', pg_temp.essential('urn:mfa')), '{"sub": "1", "acr": "urn:mfa"}')), 'authorize', 'what it says satisfies a client');
SELECT is(pg_temp.told(pg_temp.log_in(pg_temp.query(:'client_id', 'claims', pg_temp.essential('urn:mfa')), '{"sub": "1"}')), 'app unmet_authentication_requirements', '... what it does not say does not');
CREATE FUNCTION app.subject(username text, password text) RETURNS text LANGUAGE sql AS $$SELECT '1'$$;
SELECT oauth.set_authenticate_function('app.subject(text, text)');
SELECT is(pg_temp.session_by('x'), '303 1 {pwd}', 'nor does a function that tells the subject alone');

SELECT is((SELECT count(*) FROM oauth.audit WHERE event = 'server_error'), 0::bigint, 'nothing unexpected happened');
SELECT * FROM finish();
ROLLBACK;
