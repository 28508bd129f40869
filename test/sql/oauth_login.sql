\i test/tap.psql
-- Logging in: who may, how often, and what session comes of it.
\i test/oauth.psql

SELECT no_plan();
BEGIN;
SET LOCAL oauth_jwt.password_cost = 10;
SELECT oauth.create_issuer('https://auth.example.com/tenant', 'Example Inc.') AS issuer_id \gset
SELECT client_id FROM oauth.create_client('App', '{https://app.example.com/callback}', scopes => '{openid}', token_endpoint_auth_method => 'none') \gset
SELECT oauth.create_user('alice', 'correct horse') AS alice, oauth.create_user('bob', 'battery staple') AS bob \gset

-- A log-in as a browser does it: the form, then its answer.
CREATE FUNCTION pg_temp.log_in(username text, password text, addr inet DEFAULT '192.0.2.1', cookie jsonb DEFAULT '{}', query text DEFAULT NULL) RETURNS oauth.response
LANGUAGE plpgsql AS $$
DECLARE
    form oauth.response := pg_temp.get('/login', oauth.form_of('request', query), cookie);
    headers jsonb := CASE WHEN cookie = '{}' THEN pg_temp.cookie(form) ELSE cookie END;
BEGIN
    RETURN (SELECT r FROM oauth.handle(ROW(NULL, 'POST', '/login', '', headers || '{"content-type": "application/x-www-form-urlencoded"}',
        convert_to(oauth.form_of('username', username, 'password', password, 'csrf', pg_temp.field(form, 'csrf'), 'request', query), 'UTF8'), addr, NULL)::oauth.request) AS r);
END
$$;

-- ---------------------------------------------------------------------------
-- The form belongs to the browser (RFC 9700 4.7)

SELECT pg_temp.get('/login') AS form \gset
SELECT pg_temp.cookie(:'form') AS cookie, pg_temp.field(:'form', 'csrf') AS csrf \gset
SELECT pg_temp.get('/login') AS other \gset
SELECT matches(pg_temp.header(:'form', 'set-cookie'), '^__Secure-oauth_session=[A-Za-z0-9_-]{43}; Path=/tenant; HttpOnly; SameSite=Lax; Secure$', 'below a path the cookie is for the path');
SELECT doesnt_match(pg_temp.text(:'form'), substring(:'cookie' FROM '=([A-Za-z0-9_-]{43})'), 'the page does not show the cookie');
SELECT is(pg_temp.header(pg_temp.get('/login', '', :'cookie'), 'set-cookie'), NULL, 'a browser that has one keeps it');
SELECT is(pg_temp.field(pg_temp.get('/login', '', :'cookie'), 'csrf'), :'csrf', '... and its forms');
\set good 'username=alice&password=correct+horse'
SELECT is((pg_temp.post('/login', :'good', :'cookie')).status, 403, 'no token');
SELECT is((pg_temp.post('/login', :'good' || '&csrf=' || left(:'csrf', 42), :'cookie')).status, 403, 'a wrong one');
SELECT is((pg_temp.post('/login', :'good' || '&csrf=' || pg_temp.field(:'other', 'csrf'), :'cookie')).status, 403, 'another browser''s');
SELECT is((pg_temp.post('/login', :'good' || '&csrf=' || :'csrf')).status, 403, 'no cookie');
SELECT is(pg_temp.header(pg_temp.post('/login', :'good' || '&csrf=' || :'csrf'), 'set-cookie'), NULL, '... and none is set over the one that another site''s form does not bring');
SELECT is((pg_temp.post('/login', :'good' || '&csrf=' || oauth.csrf_token(''), '{"cookie": "__Secure-oauth_session="}')).status, 403, 'an empty cookie');
SELECT is((SELECT count(*) FROM oauth.login_sessions), 0::bigint, 'nobody is logged in');
SELECT is((SELECT count(*) FROM oauth.throttle), 0::bigint, '... and nothing counted: another site cannot shut anybody out');

-- ---------------------------------------------------------------------------
-- Session fixation, rotation

SELECT pg_temp.post('/login', :'good' || '&csrf=' || :'csrf', :'cookie') AS done \gset
SELECT is(pg_temp.header(:'done', 'location'), 'https://auth.example.com/tenant/account', 'alice logs in');
SELECT pg_temp.cookie(:'done') AS alice_1 \gset
SELECT is(pg_temp.user_of(:'alice_1'), :'alice', '... her new cookie is her session');
SELECT is(pg_temp.user_of(:'cookie'), NULL, '... the one from before, which somebody may have planted, is none');
SELECT is(pg_temp.user_of(jsonb_build_object('cookie', 'x=1; ' || (:'alice_1'::jsonb ->> 'cookie') || '; y=2')), :'alice', 'it is found among others');
SELECT is(pg_temp.user_of(jsonb_build_object('cookie', 'x' || (:'alice_1'::jsonb ->> 'cookie'))), NULL, '... by its whole name');
SELECT is((SELECT count(*) FROM oauth.login_sessions AS s WHERE s::text ~ substring(:'alice_1' FROM '=([A-Za-z0-9_-]{43})')), 0::bigint, 'the table does not hold it');
SELECT sid AS sid FROM oauth.login_sessions \gset
SELECT pg_temp.cookie(pg_temp.log_in('alice', 'correct horse', cookie => :'alice_1')) AS alice_2 \gset
SELECT is(pg_temp.user_of(:'alice_1'), NULL, 'logged in again: the old cookie is worth nothing');
SELECT is(pg_temp.user_of(:'alice_2'), :'alice', '... the new one is');
SELECT is((SELECT array_agg(s.sid) FROM oauth.login_sessions AS s WHERE ended_at IS NULL), ARRAY[:'sid'::uuid], '... of the same session, so that a log-out ends what came before');
SELECT pg_temp.new_family(:'client_id', :'alice', 'openid', sid => :'sid') AS family_id \gset
SELECT pg_temp.cookie(pg_temp.log_in('bob', 'battery staple', cookie => :'alice_2')) AS bob_1 \gset
SELECT is(pg_temp.user_of(:'bob_1'), :'bob', 'bob logs in in the same browser');
SELECT is(pg_temp.user_of(:'alice_2'), NULL, '... and alice''s session has ended');
SELECT ok((SELECT revoked_at IS NOT NULL FROM oauth.token_families WHERE family_id = :'family_id'), '... with its tokens');

-- What ends a session
SAVEPOINT standing;
SELECT is(pg_temp.user_of(:'bob_1'), :'bob', 'a session stands');
UPDATE oauth.login_sessions SET expires_at = clock_timestamp();
SELECT is(pg_temp.user_of(:'bob_1'), NULL, '... until its end');
ROLLBACK TO standing;
UPDATE oauth.login_sessions SET last_seen_at = clock_timestamp() - interval '119 minutes';
SELECT is(pg_temp.user_of(:'bob_1'), :'bob', '... used for a while');
SELECT ok((SELECT bool_and(last_seen_at > clock_timestamp() - interval '1 minute') FROM oauth.login_sessions WHERE ended_at IS NULL), '... which is noted');
UPDATE oauth.login_sessions SET last_seen_at = clock_timestamp() - interval '121 minutes';
SELECT is(pg_temp.user_of(:'bob_1'), NULL, '... not, when idle for long');
ROLLBACK TO standing;
SELECT oauth.revoke_user(:'bob');
SELECT is(pg_temp.user_of(:'bob_1'), NULL, '... until it is revoked');
ROLLBACK TO standing;
UPDATE oauth.users SET enabled = false;
SELECT is(pg_temp.user_of(:'bob_1'), NULL, '... until the user is disabled');
SELECT is((pg_temp.log_in('bob', 'battery staple')).status, 401, '... who does not log in any more');
ROLLBACK TO standing;

-- ---------------------------------------------------------------------------
-- Where it goes on

\set query 'response_type=code&client_id=' :client_id '&redirect_uri=https%3A%2F%2Fapp.example.com%2Fcallback&scope=openid&state=s&code_challenge_method=S256&code_challenge=' :code_challenge
SELECT is(pg_temp.header(pg_temp.log_in('alice', 'correct horse', query => q), 'location'), 'https://auth.example.com/tenant/' || l, d)
FROM (VALUES
    (:'query', 'authorize?' || :'query', 'back to the request'),
    ('prompt=login&' || :'query' || '&prompt2=login', 'authorize?' || :'query' || '&prompt2=login', '... without the prompt that is done'),
    (:'query' || '&prompt=select_account%20consent', 'authorize?' || :'query' || '&prompt=consent', '... with the one that is not'),
    (:'query' || '&max_age=0', 'authorize?' || :'query' || '&max_age=600', '... not asked again by max_age'),
    ('max_age=3600&' || :'query', 'authorize?max_age=3600&' || :'query', '... unless it was longer'),
    ('https://evil.example.com/', 'authorize?https://evil.example.com/', 'never to another place'),
    (E'a=b\r\nSet-Cookie: c=d', 'account', 'a header is not written'),
    ('a=b#c', 'account', '... nor a fragment'),
    ('a=%zz', 'account', 'nothing malformed is carried')) AS v (q, l, d);
UPDATE oauth.clients SET default_max_age = '0';
SELECT matches(pg_temp.header(pg_temp.log_in('alice', 'correct horse', query => :'query'), 'location'), '&max_age=600$', 'nor by the client''s default_max_age');
SELECT is((pg_temp.get('/login', '', :'bob_1')).status, 200, 'who is logged in may log in again');
SELECT matches(pg_temp.text(pg_temp.get('/login', oauth.form_of('request', :'query' || '&login_hint=carol'))), 'name="username" value="carol"', 'login_hint is in the form already (OpenID Connect Core 1.0 3.1.2.1)');
SELECT matches(pg_temp.text(pg_temp.get('/login', 'password=secret&username=eve')), 'name="username" value=""', 'a link fills in nothing');

-- ---------------------------------------------------------------------------
-- Guessing

SELECT is((pg_temp.log_in('alice', p)).status, 401, 'refused: ' || d)
FROM (VALUES ('', 'no password'), ('Correct horse', 'another case'), ('correct horse ', 'a space more'), (repeat('x', 1025), 'longer than any can be')) AS v (p, d);
SELECT is((pg_temp.log_in('alice', '1')).status, 401, 'the fifth failure');
SELECT pg_temp.log_in('alice', '2') AS refused \gset
SELECT is((:'refused'::oauth.response).status, 429, 'then there is a wait (RFC 6585 4)');
SELECT matches(pg_temp.header(:'refused', 'retry-after'), '^[1-2]$', '... of a second');
SELECT is((pg_temp.log_in('ALICE', 'correct horse')).status, 429, '... with the right password, too, so that it tells nothing');
SELECT is((pg_temp.log_in('alice', 'correct horse', '198.51.100.1')).status, 303, 'alice herself, from elsewhere, does not wait');
SELECT is((SELECT max(failures) FROM oauth.throttle WHERE kind = 'user_address'), 5, 'an attempt that was refused does not count');

CREATE FUNCTION pg_temp.pass(t interval) RETURNS void LANGUAGE sql AS $$UPDATE oauth.throttle SET failed_at = failed_at - t$$;
SELECT pg_temp.pass('1 second');
SELECT is((pg_temp.log_in('alice', 'wrong')).status, 401, 'after the wait another attempt');
SELECT is(round(extract(epoch FROM oauth.throttled(:issuer_id, 'user_address', 'alice 192.0.2.1'))), 2::numeric, '... and twice the wait');
UPDATE oauth.throttle SET failures = 900 WHERE kind = 'user_address';
SELECT is(round(extract(epoch FROM oauth.throttled(:issuer_id, 'user_address', 'alice 192.0.2.1'))), 60::numeric, '... a minute at most');
SELECT pg_temp.pass('60 seconds');
SELECT is((pg_temp.log_in('alice', 'correct horse')).status, 303, 'a success');
SELECT is((SELECT failures FROM oauth.throttle WHERE kind = 'user_address' AND id_hash = oauth.hash_token('alice 192.0.2.1')), 0, '... and it is forgotten');
SELECT is((SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND pid = pg_backend_pid()), 0::bigint, 'no attempt waits for a lock that anybody may take');

-- Many users from one address, one user from many addresses
DELETE FROM oauth.throttle;
SELECT pg_temp.log_in('user' || n, 'wrong', '203.0.113.5') FROM generate_series(1, 50) AS n \g /dev/null
SELECT is((pg_temp.log_in('bob', 'battery staple', '203.0.113.5')).status, 429, 'fifty failures from one address');
SELECT is((pg_temp.log_in('bob', 'battery staple', '203.0.113.6')).status, 303, '... do not concern another');
SELECT is(oauth.throttle_address('2001:db8:1:2:3::4'), '2001:db8:1:2::/64', 'an IPv6 address stands for its network');
SELECT is(oauth.throttle_address('::ffff:192.0.2.1'), oauth.throttle_address('192.0.2.1'), '... but an IPv4 address that comes in one for itself, not for all of them');
DELETE FROM oauth.throttle;
DELETE FROM oauth.login_sessions;
SELECT pg_temp.cookie(pg_temp.log_in('alice', 'correct horse', '198.51.100.1')) \g /dev/null
SELECT pg_temp.log_in('alice', 'wrong', '203.0.113.0'::inet + n) FROM generate_series(1, 100) AS n \g /dev/null
SELECT is((SELECT max(failures) FROM oauth.throttle WHERE kind <> 'user'), 1, 'a hundred failures from as many addresses');
SELECT is((pg_temp.log_in('alice', 'correct horse', '203.0.113.200')).status, 429, '... slow down the next one');
SELECT is((pg_temp.log_in('alice', 'correct horse', '198.51.100.1')).status, 303, '... but not where alice has logged in before: nobody shuts her out');
SELECT is((pg_temp.log_in('bob', 'battery staple', '203.0.113.200')).status, 303, '... nor anybody else');
SELECT is((SELECT count(*) FROM oauth.throttle AS t WHERE t::text ~ 'alice|203\.0'), 0::bigint, 'no name and no address stands there as it is');

-- ---------------------------------------------------------------------------
-- Passwords

SELECT oauth.hash_password('correct horse') AS cheap \gset
SET LOCAL oauth_jwt.password_cost = 11;
SELECT pg_temp.log_in('alice', 'wrong', '198.51.100.1') \g /dev/null
SELECT ok(oauth.password_needs_rehash(password_hash), 'a wrong password changes no hash') FROM oauth.users WHERE username = 'alice';
SELECT pg_temp.log_in('alice', 'correct horse', '198.51.100.1') \g /dev/null
SELECT ok(NOT oauth.password_needs_rehash(password_hash), 'the right one is hashed at the new cost') FROM oauth.users WHERE username = 'alice';
SELECT is((pg_temp.log_in('alice', 'correct horse', '198.51.100.1')).status, 303, '... and still is the right one');
SELECT oauth.set_password('alice', repeat(U&'\00e4', 512)) \g /dev/null
SELECT is((pg_temp.log_in('alice', repeat(U&'\00e4', 512), '198.51.100.1')).status, 303, 'a password as long as it may be');
SELECT is((pg_temp.log_in('alice', repeat(U&'\00e4', 511) || 'a', '198.51.100.1')).status, 401, '... all of it counts');
SELECT oauth.create_user('nopassword') AS nopassword \gset
SELECT is((pg_temp.log_in('nopassword', p, '198.51.100.9')).status, 401, 'who has no password has none') FROM (VALUES (''), ('x')) AS v (p);

-- ---------------------------------------------------------------------------
-- The operator's own function

DELETE FROM oauth.throttle;
CREATE FUNCTION public.authenticate(username text, password text) RETURNS text
LANGUAGE sql AS $$SELECT CASE WHEN password = 'pw-' || username THEN 'id-' || lower(username) END$$;
SELECT oauth.set_authenticate_function('public.authenticate(text,text)');
SELECT is((pg_temp.log_in('alice', 'correct horse', '198.51.100.2')).status, 401, 'an own function alone decides');
SELECT pg_temp.cookie(pg_temp.log_in('dave', 'pw-dave', '198.51.100.2')) AS dave \gset
SELECT is(pg_temp.user_of(:'dave'), 'id-dave', '... by the subject it returns, who is a user from then on');
SELECT is((SELECT username FROM oauth.users WHERE subject = 'id-dave'), 'dave', '... by that name');
SELECT is(pg_temp.user_of(pg_temp.cookie(pg_temp.log_in('DAVE', 'pw-DAVE', '198.51.100.2'))), 'id-dave', '... once');
SELECT is(pg_temp.user_of(pg_temp.cookie(pg_temp.log_in('alice', 'pw-alice', '198.51.100.2'))), 'id-alice', 'a name that somebody else has does not lead to somebody else');
SELECT is((SELECT username FROM oauth.users WHERE subject = 'id-alice'), NULL, '... and is not taken away');
SELECT oauth.disable_user('id-dave') \g /dev/null
SELECT is((pg_temp.log_in('dave', 'pw-dave', '198.51.100.2')).status, 401, 'disabled here, whatever the function says');
UPDATE oauth.issuers SET authenticate_function = NULL;

-- ---------------------------------------------------------------------------
-- The audit

SELECT is((SELECT array_agg(DISTINCT a.event ORDER BY a.event) FROM oauth.audit AS a WHERE a.event ~ '^login'), '{login,login_failed}', 'log-ins are in the audit');
SELECT ok(EXISTS (SELECT FROM oauth.audit WHERE event = 'login_failed' AND subject = :'alice' AND remote_addr = '192.0.2.1'), '... failed ones with whose and from where');
SELECT is((SELECT count(*) FROM oauth.audit AS a WHERE a::text ~ 'horse|staple|pw-|user1'), 0::bigint, '... without passwords, and without what was typed for a name');
SELECT is((SELECT count(*) FROM oauth.audit WHERE event = 'server_error'), 0::bigint, 'nothing unexpected happened');

SELECT * FROM finish();
ROLLBACK;
