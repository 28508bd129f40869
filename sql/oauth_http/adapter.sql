-- From PostgREST's settings to oauth.handle and back.
--
-- The proxy (deploy/nginx) sends every request as a POST of its bytes, and what else
-- there is in headers of its own, which no client can set:
--
--     X-OAuth-Issuer, X-OAuth-Method, X-OAuth-Query, X-OAuth-Remote-Addr
--     X-OAuth-Client-Cert      PEM, percent-encoded
--     X-OAuth-Header-NAME      the client's header NAME
--
-- The client's Authorization must come so too: PostgREST would take it for its own.

CREATE FUNCTION oauth.http_request(path text, body bytea, sent jsonb) RETURNS oauth.request
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    request oauth.request;
    remote_addr text := sent ->> 'x-oauth-remote-addr';
BEGIN
    request.issuer := sent ->> 'x-oauth-issuer';
    request.method := sent ->> 'x-oauth-method';
    request.path := path;
    request.query := coalesce(sent ->> 'x-oauth-query', '');
    request.headers := oauth.json_of(
        'authorization', sent -> 'x-oauth-header-authorization',
        'content-type', sent -> 'x-oauth-header-content-type',
        'accept', sent -> 'x-oauth-header-accept',
        'accept-language', sent -> 'x-oauth-header-accept-language',
        'cookie', sent -> 'x-oauth-header-cookie',
        'dpop', sent -> 'x-oauth-header-dpop',
        'user-agent', sent -> 'x-oauth-header-user-agent');
    request.body := body;
    -- "unix:" where the proxy itself was reached through a socket
    IF remote_addr ~ '^[0-9A-Fa-f.:]+$' THEN
        request.remote_addr := remote_addr::inet;
    END IF;
    IF sent ? 'x-oauth-client-cert' THEN
        request.client_cert := oauth.parse_form(convert_to('pem=' || (sent ->> 'x-oauth-client-cert'), 'UTF8')) ->> 'pem';
    END IF;
    RETURN request;
END
$$;

-- Settings of this transaction only: on a pooled connection another's Set-Cookie
-- must not be found.  The status as a header tells the proxy that the answer is
-- ours, and not PostgREST's about some trouble of its own.
CREATE FUNCTION oauth.http_respond(response oauth.response) RETURNS bytea
LANGUAGE plpgsql VOLATILE
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    headers jsonb := response.headers;
BEGIN
    IF NOT jsonb_path_exists(headers, '$[*]."Content-Type"') THEN
        -- else PostgREST says that it is application/octet-stream
        headers := headers || '{"Content-Type": ""}'::jsonb;
    END IF;
    PERFORM set_config('response.status', response.status::text, true),
            set_config('response.headers', (headers || jsonb_build_object('X-OAuth-Status', response.status::text))::text, true);
    RETURN response.body;
END
$$;

-- oauth.handle answers what goes wrong in an endpoint.  What is caught here went
-- wrong around it; uncaught, PostgREST would show it.
CREATE FUNCTION oauth.serve_http(path text, body bytea) RETURNS bytea
LANGUAGE plpgsql VOLATILE
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    response oauth.response;
BEGIN
    BEGIN
        response := oauth.handle(oauth.http_request(
            path, body, coalesce(nullif(current_setting('request.headers', true), ''), '{}')::jsonb));
    EXCEPTION
        WHEN OTHERS THEN
            RAISE LOG 'oauth_http: % failed with SQLSTATE %', path, SQLSTATE;
            response := oauth.error_response('server_error', 'The server met an unexpected condition.', 500);
    END;
    RETURN oauth.http_respond(response);
END
$$;

COMMENT ON FUNCTION oauth.http_request(text, bytea, jsonb) IS
    'Internal: the request that the proxy''s headers and body stand for';
COMMENT ON FUNCTION oauth.http_respond(oauth.response) IS
    'Internal: hand a response to PostgREST';
COMMENT ON FUNCTION oauth.serve_http(text, bytea) IS
    'Internal: what every function of oauth_http does';

REVOKE ALL ON FUNCTION oauth.http_request(text, bytea, jsonb) FROM PUBLIC;
REVOKE ALL ON FUNCTION oauth.http_respond(oauth.response) FROM PUBLIC;
REVOKE ALL ON FUNCTION oauth.serve_http(text, bytea) FROM PUBLIC;
