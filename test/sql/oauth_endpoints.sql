\i test/tap.psql
-- What holds at every endpoint, whichever it is: how parameters come, who is let in,
-- and what an answer must not be without (RFC 6749 2.3, 3.1, 3.2, 5).
\i test/oauth.psql

BEGIN;
SELECT no_plan();
SELECT oauth.create_issuer('https://auth.example.com', 'Example') AS issuer_id \gset
SELECT client_secret AS secret FROM oauth.create_client('Machine', client_id => 'machine', scopes => '{}', token_endpoint_auth_method => 'client_secret_post',
    grant_types => '{client_credentials,urn:ietf:params:oauth:grant-type:device_code}') \gset
SELECT client_secret AS basic_secret FROM oauth.create_client('Basic', client_id => 'basic', scopes => '{}',
    grant_types => '{client_credentials,urn:ietf:params:oauth:grant-type:device_code}') \gset
\set form 'grant_type=client_credentials&token=x'
\set good :form '&client_id=machine&client_secret=' :secret

-- Every answer is kept, to be looked at in the end.  Each is to an address of its own,
-- so that none is kept waiting for another.
CREATE TEMP TABLE seen (path text, response oauth.response);
CREATE FUNCTION pg_temp.ask(path text, method text, query text, body bytea, headers jsonb DEFAULT '{}') RETURNS oauth.response LANGUAGE plpgsql AS $$
DECLARE
    response oauth.response := oauth.handle(ROW(NULL, method, path, query, '{"content-type": "application/x-www-form-urlencoded"}'::jsonb || headers, body,
        format('2001:db8:%s:%s::1', to_hex((random() * 65535)::integer), to_hex((random() * 65535)::integer))::inet, NULL)::oauth.request);
BEGIN
    INSERT INTO seen VALUES (path, response);
    RETURN response;
END
$$;
-- with parameters, where this method has them
CREATE FUNCTION pg_temp.with_parameters(path text, method text, parameters bytea) RETURNS oauth.response LANGUAGE sql AS $$
    SELECT CASE method WHEN 'POST' THEN pg_temp.ask(path, method, '', parameters) ELSE pg_temp.ask(path, method, encode(parameters, 'escape'), NULL) END
$$;
CREATE FUNCTION pg_temp.post_form(path text, form text, headers jsonb DEFAULT '{}', query text DEFAULT '') RETURNS oauth.response LANGUAGE sql AS $$
    SELECT pg_temp.ask(path, 'POST', query, convert_to(form, 'UTF8'), headers)
$$;
-- '400 invalid_request', as JSON for programs and as a page for people
CREATE FUNCTION pg_temp.told(response oauth.response) RETURNS text LANGUAGE sql AS $$
    SELECT concat_ws(' ', response.status, CASE pg_temp.header(response, 'content-type')
        WHEN 'application/json' THEN pg_temp.json(response) ->> 'error'
        WHEN 'text/html; charset=utf-8' THEN 'page ' || substring(pg_temp.text(response) FROM '<code>(.*?)</code>') END)
$$;

-- ---------------------------------------------------------------------------
-- Parameters

CREATE TEMP VIEW method AS SELECT e.path, e.kind, m.name FROM oauth.endpoints AS e, unnest(e.methods) AS m (name) WHERE m.name <> 'HEAD';
SELECT is(string_agg(DISTINCT pg_temp.told(pg_temp.with_parameters(m.path, m.name, p.parameters)), ', '),
    '400 ' || CASE m.kind WHEN 'page' THEN 'page ' ELSE '' END || 'invalid_request', m.name || ' ' || m.path || ': repeated or malformed')
FROM method AS m, unnest(ARRAY['client_id=a&client_id=b', 'a=1&b=2&%61=1', 'a=%', 'a=%4', 'a=%zz', 'a=%ff', 'a=%c0%80', 'a=%ed%a0%80', 'a=%00', '%ff=1']::bytea[]) AS p (parameters)
GROUP BY m.path, m.name, m.kind ORDER BY m.path COLLATE "C", m.name;
SELECT is(pg_temp.told(pg_temp.ask(m.path, m.name, '', b)), '400 ' || CASE m.kind WHEN 'page' THEN 'page ' ELSE '' END || 'invalid_request', m.name || ' ' || m.path || ': bytes: ' || encode(b, 'escape'))
FROM method AS m, unnest(ARRAY['\x613dff', '\x613d00']::bytea[]) AS b WHERE m.name = 'POST' ORDER BY m.path COLLATE "C", b;
SELECT is(string_agg(pg_temp.text(pg_temp.with_parameters(m.path, m.name, p.parameters)), '') ~ 'repeated', false, m.name || ' ' || m.path || ': resource and audience may be repeated (RFC 8707 2, RFC 8693 2.1)')
FROM method AS m, unnest('{resource=a&resource=b,audience=a&audience=b}'::bytea[]) AS p (parameters) GROUP BY m.path, m.name ORDER BY m.path COLLATE "C", m.name;
-- what is unknown, and what has no value, as often as it comes
SELECT is(pg_temp.told(r) || coalesce(split_part(pg_temp.header(r, 'location'), '?', 1), ''), pg_temp.told(none) || coalesce(split_part(pg_temp.header(none, 'location'), '?', 1), ''), m.name || ' ' || m.path || ': unknown and empty parameters are none')
FROM method AS m, pg_temp.with_parameters(m.path, m.name, '') AS none, pg_temp.with_parameters(m.path, m.name, 'unknown=1&client_id=&client_id=&request=&token=&grant_type=&user_code&user_code') AS r
WHERE m.path <> '/authorize' OR m.name = 'GET' ORDER BY m.path COLLATE "C", m.name;

-- ---------------------------------------------------------------------------
-- Methods, and the form

SELECT is(string_agg(DISTINCT r.status || ' ' || coalesce(pg_temp.header(r, 'allow'), ''), ', '), '405 ' || array_to_string(e.methods, ', '), e.path || ': other methods')
FROM oauth.endpoints AS e, unnest('{GET,HEAD,POST,PUT,PATCH,DELETE,OPTIONS,TRACE,get,post}'::text[]) AS m (name), pg_temp.ask(e.path, m.name, '', '') AS r
WHERE m.name <> ALL (e.methods) GROUP BY e.path, e.methods ORDER BY e.path COLLATE "C";

-- For programs by POST: differing in one thing from what is good
SELECT is(array_agg(e.path ORDER BY e.path COLLATE "C"), '{/device_authorization,/introspect,/revoke,/token}', 'endpoints that take a client by POST') FROM oauth.endpoints AS e WHERE e.methods = '{POST}';
CREATE TEMP VIEW posted AS SELECT e.path FROM oauth.endpoints AS e WHERE e.methods = '{POST}';
SELECT is((pg_temp.post_form(path, :'good')).status, 200, path || ': a good form') FROM posted ORDER BY path COLLATE "C";
SELECT is((pg_temp.post_form(path, :'good', '{"content-type": "Application/X-WWW-Form-URLencoded ; charset=UTF-8"}')).status, 200, path || ': ... its type in other words') FROM posted ORDER BY path COLLATE "C";
SELECT is(pg_temp.told(pg_temp.post_form(path, :'good', jsonb_build_object('content-type', t))), '400 invalid_request', path || ': sent as ' || coalesce(t, 'nothing'))
FROM posted, unnest(ARRAY['application/json', 'multipart/form-data; boundary=x', 'text/plain', 'application/x-www-form-urlencodedx', 'x; application/x-www-form-urlencoded', '', NULL]) AS t ORDER BY path COLLATE "C", t;
-- A query stands in logs: what it holds is not even looked at (RFC 6749 2.3.1, RFC 9700 4.3.2).
SELECT is(pg_temp.told(pg_temp.post_form(path, f, query => q)), '400 invalid_request', path || ': in the query ' || what)
FROM posted, (VALUES ('a secret', 'grant_type=client_credentials&token=x&client_id=machine', 'client_secret=' || :'secret'), ('all of it', '', :'good'),
    ('a token', 'grant_type=client_credentials&client_id=machine&client_secret=' || :'secret', 'token=x'), ('anything', :'good', 'x=y')) AS v (what, f, q) ORDER BY path COLLATE "C", what COLLATE "C";

-- ---------------------------------------------------------------------------
-- Clients

SELECT is((pg_temp.post_form(path, :'form', pg_temp.basic('basic', :'basic_secret'))).status, 200, path || ': Basic, where that is registered') FROM posted ORDER BY path COLLATE "C";
SELECT is(pg_temp.told(r) || coalesce(', ' || pg_temp.header(r, 'www-authenticate'), ''), told, path || ': ' || what)
FROM posted, (VALUES
    ('nobody', '', '{}'::jsonb, '401 invalid_client'),
    ('a wrong secret', '&client_id=machine&client_secret=x', '{}', '401 invalid_client'),
    ('a secret too long by one', '&client_id=machine&client_secret=' || :'secret' || 'x', '{}', '401 invalid_client'),
    ('a wrong secret by Basic', '', pg_temp.basic('basic', 'x'), '401 invalid_client, Basic realm="https://auth.example.com", charset="UTF-8"'),
    ('Basic that is none', '', '{"authorization": "Basic"}', '401 invalid_client, Basic realm="https://auth.example.com", charset="UTF-8"'),
    ('a method that is not registered', '', pg_temp.basic('machine', :'secret'), '401 invalid_client, Basic realm="https://auth.example.com", charset="UTF-8"'),
    ('... and the other way round', '&client_id=basic&client_secret=' || :'basic_secret', '{}', '401 invalid_client'),
    ('two methods', '&client_id=machine&client_secret=' || :'secret', pg_temp.basic('machine', :'secret'), '400 invalid_request'),
    ('two methods, one of them empty', '&client_id=machine&client_secret=' || :'secret', '{"authorization": ""}', '400 invalid_request'),
    ('two clients', '&client_id=machine', pg_temp.basic('basic', :'basic_secret'), '400 invalid_request')) AS v (what, more, headers, told),
    pg_temp.post_form(path, :'form' || more, headers) AS r ORDER BY path COLLATE "C", what COLLATE "C";
SELECT is(pg_temp.post_form(path, :'form', pg_temp.basic('nobody', 'x')), pg_temp.post_form(path, :'form', pg_temp.basic('basic', 'x')), path || ': who tries out names learns nothing, by Basic') FROM posted ORDER BY path COLLATE "C";
SELECT is(pg_temp.post_form(path, :'form' || '&client_id=nobody&client_secret=x'), pg_temp.post_form(path, :'form' || '&client_id=machine&client_secret=x'), path || ': ... nor by a form') FROM posted ORDER BY path COLLATE "C";

-- Nor from how long it takes: an unknown client's secret is hashed and looked for as well.
-- Measured by turns, the least of fifty, so that a busy machine slows both; without the
-- hash it would be little more than half.
CREATE FUNCTION pg_temp.time_of(hashes bytea[]) RETURNS double precision LANGUAGE plpgsql AS $$
DECLARE
    began timestamptz := clock_timestamp();
    wrong text := repeat('x', 43);
BEGIN
    FOR n IN 1..200 LOOP
        PERFORM oauth.is_one_of(wrong, hashes);
    END LOOP;
    RETURN extract(epoch FROM clock_timestamp() - began);
END
$$;
SELECT cmp_ok(min(pg_temp.time_of('{}')) / min(pg_temp.time_of(ARRAY[s.secret_hash])), '>', 0.7::double precision, '... nor from the time that it takes') FROM generate_series(1, 50), oauth.client_secrets AS s WHERE s.client_id = 'machine';

-- ---------------------------------------------------------------------------
-- Every answer that there was

SELECT cmp_ok(count(*), '>', 500::bigint, 'there were answers') FROM seen;
SELECT is_empty($$SELECT path, (response).status, (response).headers FROM seen WHERE (response).status NOT IN (200, 303, 400, 401, 403, 404, 405, 429)$$, 'none by another status: no redirect that would post again (RFC 9700 4.12), no error of ours');
SELECT is_empty($$SELECT path, (response).status, (response).headers FROM seen
    WHERE ((response).status <> 200 OR path IN ('/token', '/introspect', '/revoke', '/device_authorization', '/userinfo') OR pg_temp.header(response, 'content-type') ~ 'html')
      AND (pg_temp.header(response, 'cache-control') IS DISTINCT FROM 'no-store' OR pg_temp.header(response, 'pragma') IS DISTINCT FROM 'no-cache')$$, 'none may be stored that has a token or an error (RFC 6749 5.1), no page either');
SELECT is_empty($$SELECT path, (response).status, (response).headers FROM seen WHERE (response).headers::text ~* 'access-control-'$$, 'who may read it from elsewhere, the proxy says');
SELECT is_empty($$SELECT path, (response).status, (response).headers FROM seen WHERE pg_temp.header(response, 'content-type') ~ 'html'
    AND (pg_temp.header(response, 'content-security-policy') !~ 'frame-ancestors ''none''' OR pg_temp.header(response, 'referrer-policy') IS DISTINCT FROM 'no-referrer'
         OR pg_temp.header(response, 'content-security-policy') ~ 'unsafe-|script-src') IS NOT FALSE$$, 'no page may be framed, tell where it was, or run a script');
SELECT is((SELECT count(*) FROM oauth.audit AS a WHERE a::text ~ :'secret' OR a::text ~ :'basic_secret'), 0::bigint, 'no secret is in the audit trail');
SELECT is((SELECT count(*) FROM oauth.audit WHERE event = 'server_error'), 0::bigint, 'nothing was unforeseen');
SELECT * FROM finish();
ROLLBACK;
