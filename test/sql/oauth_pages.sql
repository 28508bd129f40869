\i test/tap.psql
-- What people see: nothing that anybody typed or registered becomes markup, and a
-- page may do nothing but what it is for.
\i test/oauth.psql

SELECT no_plan();
BEGIN;
SET LOCAL oauth_jwt.password_cost = 10;

-- ---------------------------------------------------------------------------
-- Rendering

SELECT is(oauth.html_escape('<a href="x" onclick=''y''>&amp;'), '&lt;a href=&quot;x&quot; onclick=&#39;y&#39;&gt;&amp;amp;', 'what HTML gives a meaning is escaped');
SELECT is(oauth.html_escape(NULL), NULL, '... and nothing stays nothing');
SELECT is(oauth.render('<p title="{{a}}">{{a}}</p>{{{b}}}', '{"a": "<b>\"&''", "b": "<i>"}', '{"a": "<u>"}'),
    '<p title="&lt;b&gt;&quot;&amp;&#39;">&lt;b&gt;&quot;&amp;&#39;</p>', 'a value is escaped, and is no part');
SELECT is(oauth.render('{{a}}{{{a}}}', '{}', '{"a": "<b>"}'), '<b>', 'a part goes in as it is, and is no value');
SELECT is(oauth.render('{{a}}', '{"a": "{{{b}}}{{c}}"}', '{"b": "<b>"}'), '{{{b}}}{{c}}', 'a value is not taken for a template');
SELECT is(oauth.render('1{{a}}2{{a}}3', '{}'), '123', 'without a value a placeholder is nothing');
SELECT is(oauth.render('', '{}'), '', 'an empty template');
SELECT is(oauth.render('a{b}{{ c }}}}$1\1', '{"c": "x"}'), 'a{b}{{ c }}}}$1\1', 'other braces stay');

SELECT is(oauth.origin(u), o, 'origin of ' || coalesce(translate(u, E'\r\n', '  '), 'nothing'))
FROM (VALUES
    ('https://app.example.com/callback?a=b', 'https://app.example.com'),
    ('http://127.0.0.1:51004/cb', 'http://127.0.0.1:51004'),
    ('http://[::1]:51004/cb', 'http:'),
    ('com.example.app:/callback', 'com.example.app:'),
    ('https://app.example.com', 'https://app.example.com'),
    (E'https://app.example.com\r\nSet-Cookie: a=b/', NULL),
    ('https://app.example.com; script-src *', NULL),
    ('https://user@app.example.com/', NULL),
    ('https://*/', NULL),
    (NULL, NULL)) AS v (u, o);

-- ---------------------------------------------------------------------------
-- Cross-site scripting: every value that comes from somebody else

SELECT oauth.create_issuer('https://auth.example.com/tenant', '<b>Example</b> & "Sons"') AS issuer_id \gset
UPDATE oauth.issuers SET logo_uri = 'https://cdn.example.com/"><script>alert(1)</script>' WHERE issuer_id = :issuer_id;
SELECT oauth.create_resource('https://api.example.com', '<script>alert("resource")</script>', '{"notes": "<script>alert(\"scope\")</script>"}', is_default => true);
SELECT client_id FROM oauth.create_client('<script>alert("name")</script>', '{https://app.example.com/callback}', scopes => '{openid,notes}') \gset
UPDATE oauth.clients SET client_uri = 'https://app.example.com/"><script>', logo_uri = 'https://img.example.net/''"><script>' WHERE client_id = :'client_id';
SELECT oauth.create_user('<script>alert("user")</script>', 'secret') AS subject \gset
\set evil '"><script>alert(1)</script>'
SELECT oauth.form_of('response_type', 'code', 'client_id', :'client_id', 'redirect_uri', 'https://app.example.com/callback', 'scope', 'openid notes', 'resource', 'https://api.example.com',
    'state', :'evil', 'nonce', :'evil', 'login_hint', :'evil', 'ui_locales', :'evil', 'code_challenge_method', 'S256', 'code_challenge', :'code_challenge') AS query \gset

CREATE TEMP TABLE page (name text, response oauth.response);
INSERT INTO page VALUES ('log-in', pg_temp.get('/login', oauth.form_of('request', :'query')));
SELECT response AS login, pg_temp.cookie(response) AS cookie, pg_temp.field(response, 'csrf') AS csrf FROM page \gset
INSERT INTO page VALUES
    ('wrong password', pg_temp.post('/login', oauth.form_of('username', :'evil', 'password', :'evil', 'user_code', :'evil', 'request', :'query', 'csrf', :'csrf'), :'cookie')),
    ('expired log-in', pg_temp.post('/login', oauth.form_of('username', :'evil', 'password', :'evil', 'request', :'query', 'csrf', :'evil'), :'cookie')),
    ('unknown client', pg_temp.get('/authorize', oauth.form_of('client_id', :'evil', 'redirect_uri', :'evil', 'state', :'evil'))),
    ('logout of an unknown client', pg_temp.get('/logout', oauth.form_of('client_id', :'evil', 'post_logout_redirect_uri', :'evil', 'state', :'evil', 'id_token_hint', :'evil'))),
    ('malformed request', pg_temp.get('/login', oauth.form_of('request', E'a=b"><script>\r\nX: y')));
SELECT pg_temp.post('/login', oauth.form_of('username', '<script>alert("user")</script>', 'password', 'secret', 'request', :'query', 'csrf', :'csrf'),
    :'cookie'::jsonb || jsonb_build_object('user-agent', '"><script>alert("agent")</script>')) AS done \gset
SELECT pg_temp.cookie(:'done') AS session \gset
INSERT INTO page VALUES ('consent', pg_temp.get('/consent', oauth.form_of('request', :'query'), :'session'));
SELECT pg_temp.post('/consent', oauth.form_of('request', :'query', 'decision', 'approve', 'csrf', pg_temp.field(response, 'csrf')), :'session') FROM page WHERE name = 'consent' \g /dev/null
INSERT INTO page VALUES
    ('account', pg_temp.get('/account', '', :'session')),
    ('logout', pg_temp.get('/logout', oauth.form_of('client_id', :'evil', 'state', :'evil'), :'session')),
    ('logged out', pg_temp.get('/logout')),
    ('wrong method', (SELECT r FROM oauth.handle(ROW(NULL, 'DELETE', '/login', '', '{}', NULL, NULL, NULL)::oauth.request) AS r)),
    ('form post', pg_temp.get('/authorize', :'query' || '&response_mode=form_post', :'session'));

SELECT FROM oauth.create_client('<script>alert("device")</script>', client_id => 'tv', scopes => '{openid,notes}', token_endpoint_auth_method => 'none', application_type => 'native',
    grant_types => '{urn:ietf:params:oauth:grant-type:device_code}');
SELECT pg_temp.json(pg_temp.post('/device_authorization', oauth.form_of('client_id', 'tv', 'scope', 'openid notes', 'resource', 'https://api.example.com'))) ->> 'user_code' AS user_code \gset
INSERT INTO page VALUES
    ('device', pg_temp.get('/device')),
    ('wrong user code', pg_temp.get('/device', oauth.form_of('user_code', :'evil'), :'session')),
    ('device question', pg_temp.get('/device', oauth.form_of('user_code', :'user_code'), :'session')),
    ('device connected', pg_temp.post('/device', oauth.form_of('user_code', :'user_code', 'decision', 'approve', 'csrf', pg_temp.csrf(:'session')), :'session'));

SELECT is(count(*), 16::bigint, 'sixteen pages') FROM page;
SELECT is(pg_temp.header(response, 'content-type'), 'text/html; charset=utf-8', name || ': is a page') FROM page;
SELECT doesnt_match(regexp_replace(pg_temp.text(response), '<script nonce="[A-Za-z0-9_-]{43}">document.getElementById\(''answer''\).submit\(\)</script>', ''), '<script', name || ': no markup of others') FROM page;
SELECT doesnt_match(regexp_replace(substring(pg_temp.text(response) FROM '<body>.*'), '</?[a-z][a-z0-9]*( [a-z-]+(="[^"<>]*")?)*>', '', 'g'), '[<>]', name || ': nothing but whole tags') FROM page;
SELECT doesnt_match(pg_temp.text(response), '\{\{|\}\}\}', name || ': no placeholder is left') FROM page;
SELECT matches(pg_temp.text(response), '&lt;b&gt;Example&lt;/b&gt; &amp; &quot;Sons&quot;', name || ': in the issuer''s name') FROM page;
SELECT matches(pg_temp.text(response), v, name || ' shows ' || v) FROM page JOIN (VALUES
    ('log-in', 'alert\(&quot;name&quot;\)'), ('log-in', 'name="username" value="&quot;&gt;&lt;script&gt;'), ('wrong password', 'name="username" value="&quot;&gt;&lt;script&gt;'),
    ('consent', 'alert\(&quot;name&quot;\)'), ('consent', 'alert\(&quot;scope&quot;\)'), ('consent', 'alert\(&quot;resource&quot;\)'), ('consent', 'alert\(&quot;user&quot;\)'),
    ('consent', 'href="https://app.example.com/&quot;&gt;&lt;script&gt;"'), ('consent', 'src="https://img.example.net/&#39;&quot;'),
    ('device question', 'alert\(&quot;device&quot;\)'), ('device question', 'alert\(&quot;user&quot;\)'), ('device question', 'alert\(&quot;scope&quot;\)'), ('device question', 'alert\(&quot;resource&quot;\)'),
    ('account', 'alert\(&quot;name&quot;\)'), ('account', '&quot;&gt;&lt;script&gt;alert\(&quot;agent&quot;\)'), ('logout', 'name="state" value="&quot;&gt;&lt;script&gt;'), ('form post', 'name="state" value="&quot;&gt;&lt;script&gt;')) AS w (page, v) ON w.page = name;

-- ---------------------------------------------------------------------------
-- Headers

SELECT is(pg_temp.header(response, h), v, name || ': ' || h)
FROM page, (VALUES ('Cache-Control', 'no-store'), ('Referrer-Policy', 'no-referrer'), ('X-Content-Type-Options', 'nosniff'), ('X-Frame-Options', 'DENY'), ('Content-Language', 'en')) AS v (h, v);
SELECT matches(pg_temp.header(response, 'content-security-policy'), '^default-src ''none''; style-src ''sha256-[A-Za-z0-9+/=]{44}''.*; form-action ''self''[^;]*; frame-ancestors ''none''; base-uri ''none''$', name || ': a policy') FROM page;
SELECT doesnt_match(pg_temp.header(response, 'content-security-policy'), 'unsafe|\*|script', name || ': ... without scripts') FROM page WHERE name <> 'form post';
SELECT is(substring(pg_temp.header(response, 'content-security-policy') FROM 'sha256-([^'']*)'),
          encode(sha256(convert_to(substring(pg_temp.text(response) FROM '<style>(.*)</style>'), 'UTF8')), 'base64'), name || ': ... that lets its style sheet through') FROM page;
SELECT is(substring(pg_temp.header(response, 'content-security-policy') FROM 'script-src ''nonce-([^'']*)'''), substring(pg_temp.text(response) FROM '<script nonce="([^"]*)"'), 'form post: its one script, by a nonce') FROM page WHERE name = 'form post';
SELECT isnt(substring(pg_temp.header(pg_temp.get('/authorize', :'query' || '&response_mode=form_post', :'session'), 'content-security-policy') FROM 'nonce-([^'']*)'),
            substring(pg_temp.header(response, 'content-security-policy') FROM 'nonce-([^'']*)'), '... of its own each time') FROM page WHERE name = 'form post';
SELECT is(substring(pg_temp.header(response, 'content-security-policy') FROM 'form-action ([^;]*)'), v, name || ': its form may go to ' || v)
FROM page JOIN (VALUES ('log-in', '''self'' https://app.example.com'), ('consent', '''self'' https://app.example.com'), ('form post', '''self'' https://app.example.com'), ('account', '''self'''), ('device question', '''self'''), ('logout', '''self''')) AS w (page, v) ON w.page = name;
SELECT is(substring(pg_temp.header(response, 'content-security-policy') FROM 'img-src ([^;]*)'), v, name || ': it shows images of ' || v)
FROM page JOIN (VALUES ('log-in', 'https://cdn.example.com'), ('consent', 'https://cdn.example.com https://img.example.net')) AS w (page, v) ON w.page = name;

-- ---------------------------------------------------------------------------
-- Accessible: a language, a title, one heading, a label for each field

SELECT matches(pg_temp.text(response), '<html lang="en" dir="ltr">.*<title>[^<]+ - &lt;b&gt;Example.*<h1>[^<]+</h1>', name || ': language, title, heading') FROM page;
SELECT is((SELECT count(*) FROM regexp_matches(pg_temp.text(response), '<input id="(\w+)"', 'g')),
          (SELECT count(*) FROM regexp_matches(pg_temp.text(response), '<label for="(\w+)">[^<]+</label>\s*<input id="\1"', 'g')), name || ': a label for each field') FROM page;
SELECT matches(pg_temp.text(response), 'aria-invalid="true" aria-describedby="message".*', 'wrong password: says so to a screen reader') FROM page WHERE name = 'wrong password';

-- ---------------------------------------------------------------------------
-- The operator's language, words, templates, styles

UPDATE oauth.issuers SET ui_locale = 'de-AT' WHERE issuer_id = :issuer_id;
SELECT pg_temp.get('/login') AS page \gset
SELECT matches(pg_temp.text(:'page'), '<html lang="de-AT".*<h1>Anmelden</h1>', 'German');
SELECT is(pg_temp.header(:'page', 'content-language'), 'de-AT', '... as the header says');
SELECT matches(pg_temp.text(pg_temp.get('/authorize', 'client_id=x')), 'Die Anwendung ist hier nicht bekannt', '... errors, too');
SELECT is((SELECT count(*) FROM jsonb_object_keys(oauth.texts('de')) AS k WHERE k ~ '^(text|title)_' AND oauth.texts('de') ->> k = oauth.texts('en') ->> k), 0::bigint, 'every text has its German');
SELECT is(oauth.texts('xx'), oauth.texts('en'), 'another language is English, until it has texts');
UPDATE oauth.issuers SET ui_locale = 'ar' WHERE issuer_id = :issuer_id;
INSERT INTO oauth.page_texts VALUES (:issuer_id, 'ar', 'title_login', '<b>أهلا'), (:issuer_id, 'fr', 'title_login', 'Bonjour');
SELECT matches(pg_temp.text(pg_temp.get('/login')), '<html lang="ar" dir="rtl">.*<h1>&lt;b&gt;أهلا</h1>', 'a language of the operator''s, from right to left, escaped');
INSERT INTO oauth.templates VALUES (:issuer_id, 'login', '<h2>{{csrf}}</h2>{{username}}{{{username}}}'), (:issuer_id, 'style', 'body{color:red}');
SELECT pg_temp.get('/login', oauth.form_of('request', :'query')) AS page \gset
SELECT matches(pg_temp.text(:'page'), '<style>body\{color:red\}</style>.*<h2>[A-Za-z0-9_-]{43}</h2>&quot;&gt;&lt;script&gt;alert\(1\)&lt;/script&gt;</main>', 'a template of the operator''s, in which values are escaped as well');
SELECT is(substring(pg_temp.header(:'page', 'content-security-policy') FROM 'sha256-([^'']*)'), encode(sha256('body{color:red}'), 'base64'), '... and a style sheet, which the policy lets through');
SELECT throws_ok(format('INSERT INTO oauth.templates VALUES (%s, ''elsewhere'', '''')', :issuer_id), '23514', NULL, 'only of pages there are');
SELECT ok(oauth.default_template(name) IS NOT NULL, 'there is a default for ' || name)
FROM regexp_matches(pg_get_constraintdef((SELECT oid FROM pg_constraint WHERE conname = 'templates_name_check')), '''(\w+)''::text', 'g') AS m, LATERAL (SELECT m[1] AS name) AS n;

SELECT is((SELECT count(*) FROM oauth.audit WHERE event = 'server_error'), 0::bigint, 'nothing unexpected happened');
SELECT * FROM finish();
ROLLBACK;
