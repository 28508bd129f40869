\i test/tap.psql
-- A device without a keyboard (RFC 8628): it asks, the user allows it elsewhere, it
-- polls.
\i test/oauth.psql

BEGIN;
SELECT no_plan();
SELECT oauth.create_issuer('https://auth.example.com', 'Example') AS issuer_id \gset
SELECT oauth.create_user('alice') AS alice \gset
SELECT oauth.create_user('bob') AS bob \gset
SELECT oauth.create_resource('https://api.example.com', 'API', '{"read": "Read your notes"}') \g /dev/null
SELECT client_id FROM oauth.create_client('TV <b>', client_id => 'tv', token_endpoint_auth_method => 'none', application_type => 'native', scopes => '{openid,offline_access,read}',
    grant_types => '{urn:ietf:params:oauth:grant-type:device_code,refresh_token}') \gset
SELECT client_id FROM oauth.create_client('Other', client_id => 'other', token_endpoint_auth_method => 'none', application_type => 'native', scopes => '{read}',
    grant_types => '{urn:ietf:params:oauth:grant-type:device_code}') \gset
SELECT client_id FROM oauth.create_client('App', '{https://app.example.com/cb}', client_id => 'app', token_endpoint_auth_method => 'none') \gset

CREATE FUNCTION pg_temp.begin(more text DEFAULT '&scope=openid%20offline_access%20read', client_id text DEFAULT 'tv') RETURNS oauth.response LANGUAGE sql AS $$
    SELECT pg_temp.post('/device_authorization', 'client_id=' || client_id || more)
$$;
CREATE FUNCTION pg_temp.poll(device_code text, client_id text DEFAULT 'tv', more text DEFAULT '') RETURNS oauth.response LANGUAGE sql AS $$
    SELECT pg_temp.post('/token', oauth.form_of('grant_type', 'urn:ietf:params:oauth:grant-type:device_code', 'client_id', client_id, 'device_code', device_code) || more)
$$;
-- as if it had waited
CREATE FUNCTION pg_temp.wait(seconds integer) RETURNS void LANGUAGE sql AS $$
    UPDATE oauth.device_codes SET polled_at = polled_at - make_interval(secs => seconds)
$$;
CREATE FUNCTION pg_temp.decide(user_code text, decision text, session jsonb) RETURNS oauth.response LANGUAGE sql AS $$
    SELECT pg_temp.post('/device', oauth.form_of('user_code', user_code, 'decision', decision, 'csrf', pg_temp.csrf(session)), session)
$$;
SELECT pg_temp.session_of(:'alice') AS alice_browser, pg_temp.session_of(:'bob') AS bob_browser \gset

-- ---------------------------------------------------------------------------
-- The device asks (RFC 8628 3.1, 3.2)

SELECT r AS response, pg_temp.json(r) AS device FROM pg_temp.begin() AS r \gset
SELECT is((:'response'::oauth.response).status, 200, 'a device asks');
SELECT is(pg_temp.header(:'response', 'cache-control'), 'no-store', '... not to be stored');
SELECT is(:'device'::jsonb - '{device_code,user_code,verification_uri_complete}'::text[], '{"verification_uri": "https://auth.example.com/device", "expires_in": 600, "interval": 5}', '... and hears where and how long');
SELECT matches(:'device'::jsonb ->> 'user_code', '^[BCDFGHJKLMNPQRSTVWXZ]{4}-[BCDFGHJKLMNPQRSTVWXZ]{4}$', '... a code to type (RFC 8628 6.1)');
SELECT is(:'device'::jsonb ->> 'verification_uri_complete', 'https://auth.example.com/device?user_code=' || (:'device'::jsonb ->> 'user_code'), '... or to scan');
SELECT is((SELECT count(*) FROM oauth.device_codes AS d WHERE d::text ~ (:'device'::jsonb ->> 'device_code')), 0::bigint, '... and a device code, not stored as it is');
SELECT is(pg_temp.json(pg_temp.get('/.well-known/oauth-authorization-server')) ->> 'device_authorization_endpoint', 'https://auth.example.com/device_authorization', 'it is advertised');
SELECT is(pg_temp.outcome(pg_temp.post('/device_authorization', form)), outcome, coalesce(nullif(form, ''), '(nothing)'))
FROM (VALUES ('', '401 invalid_client'), ('client_id=nobody', '401 invalid_client'), ('client_id=app&scope=openid', '400 unauthorized_client'), ('client_id=tv', '400 invalid_scope'),
    ('client_id=tv&scope=email', '400 invalid_scope'), ('client_id=tv&scope=a%22', '400 invalid_scope'), ('client_id=tv&scope=read&resource=https%3A%2F%2Fnobody.example', '400 invalid_target'),
    ('client_id=tv&client_id=tv&scope=read', '400 invalid_request')) AS v (form, outcome);
SELECT is(pg_temp.outcome(pg_temp.post('/device_authorization', 'client_id=tv&scope=read', query => 'x=y')), '400 invalid_request', 'something in the query');
SELECT is((pg_temp.get('/device_authorization', 'client_id=tv')).status, 405, 'by GET');

-- ---------------------------------------------------------------------------
-- It polls (RFC 8628 3.5)

SELECT :'device'::jsonb ->> 'device_code' AS device_code, :'device'::jsonb ->> 'user_code' AS user_code \gset
SELECT is(pg_temp.outcome(pg_temp.poll(:'device_code')), '400 authorization_pending', 'at once');
SELECT is(pg_temp.outcome(pg_temp.poll(:'device_code')), '400 slow_down', 'and again');
SELECT is((SELECT poll_interval FROM oauth.device_codes), '10 seconds', '... five seconds more');
SELECT pg_temp.wait(8) \g /dev/null
SELECT is(pg_temp.outcome(pg_temp.poll(:'device_code')), '400 slow_down', 'eight seconds are too few now');
SELECT is((SELECT poll_interval FROM oauth.device_codes), '15 seconds', '... five seconds more');
SELECT pg_temp.wait(15) \g /dev/null
SELECT is(pg_temp.outcome(pg_temp.poll(:'device_code')), '400 authorization_pending', 'fifteen are enough');
SELECT is(pg_temp.outcome(pg_temp.poll(:'device_code', 'other')), '400 invalid_grant', 'another client');
SELECT is(pg_temp.outcome(pg_temp.poll(c)), o, 'device_code: ' || coalesce(c, 'none')) FROM (VALUES (NULL, '400 invalid_request'), ('', '400 invalid_request'), ('x', '400 invalid_grant')) AS v (c, o);
SELECT is(pg_temp.outcome(pg_temp.poll(:'device_code', 'app')), '400 unauthorized_client', 'a client that may not');

-- ---------------------------------------------------------------------------
-- The user comes (RFC 8628 3.3)

SELECT is((pg_temp.get('/device')).status, 200, 'the page asks for the code');
SELECT matches(pg_temp.text(pg_temp.get('/device')), '<input id="user_code" name="user_code"', '... in a form');
SELECT matches(pg_temp.header(pg_temp.get('/device'), 'content-security-policy'), 'frame-ancestors ''none''', '... in no frame');
SELECT is(pg_temp.header(pg_temp.get('/device', 'user_code=' || :'user_code'), 'location'), 'https://auth.example.com/login?user_code=' || replace(:'user_code', '-', ''), 'who is not logged in logs in first');
SELECT is(pg_temp.get('/device', 'user_code=' || :'user_code') IS NOT DISTINCT FROM pg_temp.get('/device', 'user_code=BBBBBBBB'), false, '(the codes differ)');
SELECT is((pg_temp.get('/device', 'user_code=BBBBBBBB')).status, 303, '... and does not learn whether a code is good');
SELECT is(pg_temp.header(pg_temp.get('/device', 'user_code=https%3A%2F%2Fevil.example%2F%26x%3D%0D%0A'), 'location'), 'https://auth.example.com/login?user_code=HTTPSEVI', '... nor goes anywhere else');
SELECT pg_temp.get('/login', 'user_code=' || :'user_code') AS login \gset
SELECT is(pg_temp.field(:'login', 'user_code'), replace(:'user_code', '-', ''), 'the log-in form keeps the code');
SET LOCAL oauth_jwt.password_cost = 10;
SELECT oauth.set_password('alice', 'correct horse') \g /dev/null
SELECT pg_temp.post('/login', oauth.form_of('username', 'alice', 'password', 'correct horse', 'csrf', pg_temp.field(:'login', 'csrf'), 'request', '', 'user_code', :'user_code'), pg_temp.cookie(:'login')) AS done \gset
SELECT is(pg_temp.header(:'done', 'location'), 'https://auth.example.com/device?user_code=' || replace(:'user_code', '-', ''), '... and leads back with it');

SELECT pg_temp.get('/device', 'user_code=' || :'user_code', :'alice_browser') AS page \gset
SELECT is((:'page'::oauth.response).status, 200, 'who is logged in is asked');
SELECT is(pg_temp.text(:'page') ~ '[{}] *<', false, '... by a page with no brace of a template left');
SELECT matches(pg_temp.text(:'page'), 'TV &lt;b&gt;', '... whether this application may, its name escaped');
SELECT matches(pg_temp.text(:'page'), 'Read your notes', '... do this');
SELECT matches(pg_temp.text(:'page'), '<p class="code">' || :'user_code' || '</p>', '... and is shown the code, to compare (RFC 8628 3.3.1)');
SELECT matches(pg_temp.text(:'page'), 'logged in as <strong>alice</strong>', '... and whose account it is for');
SELECT doesnt_match(pg_temp.text(:'page'), 'class="tag"|Access to', '... and nothing that does not matter here');
SAVEPOINT more;
UPDATE oauth.device_codes SET resources = '{https://api.example.com}';
INSERT INTO oauth.grants (issuer_id, subject, client_id, scopes) VALUES (:issuer_id, :'alice', 'tv', '{openid}');
SELECT pg_temp.text(pg_temp.get('/device', 'user_code=' || :'user_code', :'alice_browser')) AS page \gset
SELECT matches(:'page'::text, 'Access to <strong>API</strong>', 'the page names the resource, where one was asked for');
SELECT matches(:'page'::text, '<li>Know who you are</li>\s*<li>[^<]* <span class="tag">new</span></li>\s*<li>Read your notes <span class="tag">new</span></li>', '... and what is new to a consent that stands');
ROLLBACK TO more;
SELECT pg_temp.get('/device', 'user_code=' || :'user_code', :'alice_browser') AS page \gset
SELECT is((pg_temp.get('/device', 'user_code=' || c, :'alice_browser')).status, 200, 'typed: ' || n)
FROM (VALUES ('small', lower(:'user_code')), ('no dash', replace(:'user_code', '-', '')), ('blanks', '+' || replace(:'user_code', '-', '+') || '+')) AS v (n, c);
-- The attacker's page approves the attacker's device from the victim's browser.
SELECT is((pg_temp.post('/device', oauth.form_of('user_code', :'user_code', 'decision', 'approve'), :'alice_browser')).status, 403, 'a form without the token is refused');
SELECT is((pg_temp.post('/device', oauth.form_of('user_code', :'user_code', 'decision', 'approve', 'csrf', pg_temp.csrf(:'bob_browser')), :'alice_browser')).status, 403, '... and one with another browser''s');
SELECT is(pg_temp.header(pg_temp.post('/device', oauth.form_of('user_code', :'user_code', 'decision', 'approve')), 'location'), 'https://auth.example.com/login?user_code=' || replace(:'user_code', '-', ''), '... and nobody''s');
SELECT is((SELECT state FROM oauth.device_codes), 'pending', '... and has decided nothing');

SELECT pg_temp.json(pg_temp.begin()) AS attackers \gset
SELECT pg_temp.decide(:'user_code', 'approve', :'alice_browser') AS page \gset
SELECT is((:'page'::oauth.response).status, 200, 'the user allows it');
SELECT is((SELECT state FROM oauth.device_codes WHERE device_code_hash = oauth.hash_token(:'attackers'::jsonb ->> 'device_code')), 'pending', '... and no other device, which an attacker has');
DELETE FROM oauth.device_codes WHERE device_code_hash = oauth.hash_token(:'attackers'::jsonb ->> 'device_code');
SELECT matches(pg_temp.text(:'page'), 'is connected', '... and is told so');
SELECT is((SELECT scopes FROM oauth.grants WHERE subject = :'alice' AND client_id = 'tv'), '{openid,offline_access,read}', '... which is consent');
SELECT is((SELECT count(*) FROM oauth.token_families JOIN oauth.grants USING (issuer_id, grant_id, subject, client_id)), 1::bigint, '... that the tokens stand on');
SELECT is((pg_temp.decide(:'user_code', 'deny', :'alice_browser')).status, 400, 'there is nothing more to decide');
SELECT is((pg_temp.get('/device', 'user_code=' || :'user_code', :'alice_browser')).status, 400, '... nor to be asked');
SELECT is((pg_temp.decide(:'user_code', 'approve', :'bob_browser')).status, 400, '... for nobody');

-- ---------------------------------------------------------------------------
-- The device gets its tokens, once

SELECT is(pg_temp.outcome(pg_temp.poll(:'device_code', 'other')), '400 invalid_grant', 'another client does not');
SELECT is(pg_temp.outcome(pg_temp.poll(:'device_code', 'tv', '&resource=https%3A%2F%2Fnobody.example')), '400 invalid_target', 'nor for another resource');
SELECT r AS response, pg_temp.json(r) AS tokens FROM pg_temp.poll(:'device_code') AS r \gset
SELECT is((:'response'::oauth.response).status, 200, 'tokens');
SELECT ok(:'tokens'::jsonb ?& '{access_token,refresh_token,id_token}', '... all of them');
SELECT is(pg_temp.access(:'response') ->> 'sub', :'alice', '... of the user');
SELECT is(pg_temp.access(:'response') ? 'sid', false, '... not of the browser''s session');
SELECT is((pg_temp.get('/userinfo', '', pg_temp.bearer(:'tokens'::jsonb ->> 'access_token'))).status, 200, '... which are good');
SELECT is(pg_temp.outcome(pg_temp.poll(:'device_code')), '400 invalid_grant', 'the code again');
SELECT is((pg_temp.get('/userinfo', '', pg_temp.bearer(:'tokens'::jsonb ->> 'access_token'))).status, 401, '... ends them: one of the two was not the device');
SELECT is((SELECT count(*) FROM oauth.audit WHERE event = 'device_code_replayed'), 1::bigint, '... and is in the audit trail');

SELECT pg_temp.json(pg_temp.begin('&scope=read&resource=https%3A%2F%2Fapi.example.com')) AS device \gset
SELECT pg_temp.decide(:'device'::jsonb ->> 'user_code', 'deny', :'alice_browser') AS page \gset
SELECT matches(pg_temp.text(:'page'), 'was not connected', 'the user denies it');
SELECT is(pg_temp.outcome(pg_temp.poll(:'device'::jsonb ->> 'device_code')), '400 access_denied', '... and the device hears it');
SELECT is((SELECT count(*) FROM oauth.token_families), 1::bigint, '... and nothing came of it');

SELECT pg_temp.json(pg_temp.begin('&scope=read&resource=https%3A%2F%2Fapi.example.com')) AS device \gset
SELECT pg_temp.decide(:'device'::jsonb ->> 'user_code', 'approve', :'bob_browser') \g /dev/null
SELECT is(pg_temp.access(pg_temp.poll(:'device'::jsonb ->> 'device_code')) ->> 'aud', 'https://api.example.com', 'for the resource that was asked for');
SELECT pg_temp.json(pg_temp.begin()) AS device \gset
SELECT pg_temp.decide(:'device'::jsonb ->> 'user_code', 'approve', :'bob_browser') \g /dev/null
SELECT oauth.revoke_grant(:'bob', 'tv') \g /dev/null
SELECT is(pg_temp.outcome(pg_temp.poll(:'device'::jsonb ->> 'device_code')), '400 invalid_grant', 'the consent was taken back before the device came');

SELECT pg_temp.json(pg_temp.begin()) AS device \gset
UPDATE oauth.device_codes SET expires_at = clock_timestamp() WHERE state = 'pending';
SELECT is(pg_temp.outcome(pg_temp.poll(:'device'::jsonb ->> 'device_code')), '400 expired_token', 'too late');
SELECT is((pg_temp.get('/device', 'user_code=' || (:'device'::jsonb ->> 'user_code'), :'alice_browser')).status, 400, '... for the user too');
SELECT is((pg_temp.decide(:'device'::jsonb ->> 'user_code', 'approve', :'alice_browser')).status, 400, '... who cannot allow it');

-- ---------------------------------------------------------------------------
-- User codes are not guessed (RFC 8628 5.1)

DELETE FROM oauth.throttle;
SELECT pg_temp.json(pg_temp.begin()) AS device \gset
SELECT is((SELECT string_agg((pg_temp.get('/device', 'user_code=BBBBBBB' || l, :'alice_browser')).status::text, ' ') FROM string_to_table('B,C,D,F,G,H,J', ',') AS l), '400 400 400 400 400 429 429', 'after five wrong codes the user has to wait');
SELECT is((pg_temp.decide(:'device'::jsonb ->> 'user_code', 'approve', :'alice_browser')).status, 429, '... even with the right one');
SELECT is((oauth.handle(ROW(NULL, 'GET', '/device', 'user_code=' || (:'device'::jsonb ->> 'user_code'), browser, NULL, '198.51.100.1', NULL)::oauth.request)).status, status, '... ' || who)
FROM (VALUES (:'alice_browser'::jsonb, 429, 'from elsewhere, too'), (:'bob_browser', 200, 'as nobody else has to, there')) AS v (browser, status, who);
SELECT is((pg_temp.get('/device', 'user_code=' || (:'device'::jsonb ->> 'user_code'), :'bob_browser')).status, 429, '... and everybody at that address');
UPDATE oauth.throttle SET failed_at = failed_at - interval '1 minute';
SELECT is((pg_temp.decide(:'device'::jsonb ->> 'user_code', 'approve', :'alice_browser')).status, 200, '... not for good');

SELECT is((SELECT array_agg(concat_ws(' ', a.event, a.detail ->> 'grant_type', u.username) ORDER BY a.audit_id) FROM oauth.audit AS a JOIN oauth.users AS u USING (issuer_id, subject) WHERE a.event ~ 'device|token'),
    '{device_approved alice,token_issued device_code alice,device_denied alice,device_approved bob,token_issued device_code bob,device_approved bob,device_approved alice}', 'the audit trail says who allowed what');
SELECT is((SELECT count(*) FROM oauth.audit WHERE event = 'server_error'), 0::bigint, 'nothing was unforeseen');
SELECT is((SELECT count(*) FROM oauth.audit AS a WHERE a::text ~ :'device_code' OR a::text ~ replace(:'user_code', '-', '')), 0::bigint, 'no code in the audit trail');
SELECT * FROM finish();
ROLLBACK;
