-- From PostgREST to oauth.handle and back.  nginx hands on an allow-list of
-- headers under names of our own, since PostgREST gives meanings to many; and
-- which issuer is asked is nginx's to say, not the client's.

CREATE FUNCTION oauth.serve_http(path text, body bytea) RETURNS bytea
LANGUAGE plpgsql VOLATILE
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    headers jsonb := current_setting('request.headers', true)::jsonb;
    response oauth.response;
BEGIN
    response := oauth.handle(ROW(
        nullif(headers ->> 'x-oauth-issuer', ''),
        coalesce(headers ->> 'x-oauth-method', 'POST'),
        path,
        headers ->> 'x-oauth-query',
        jsonb_strip_nulls(jsonb_build_object(
            'authorization', nullif(headers ->> 'x-oauth-authorization', ''),
            'content-type', nullif(headers ->> 'x-oauth-content-type', ''),
            'accept', nullif(headers ->> 'x-oauth-accept', ''),
            'cookie', nullif(headers ->> 'cookie', ''),
            'user-agent', nullif(headers ->> 'user-agent', ''),
            'dpop', nullif(headers ->> 'dpop', ''))),
        body,
        nullif(headers ->> 'x-oauth-remote-addr', '')::inet,
        nullif(headers ->> 'x-oauth-client-cert', ''))::oauth.request);

    -- Local to the transaction: a session-wide setting would reach the next request.
    PERFORM set_config('response.status', response.status::text, true),
            set_config('response.headers', response.headers::text, true);
    RETURN response.body;
END
$$;

COMMENT ON FUNCTION oauth.serve_http(text, bytea) IS
    'Internal: a request as PostgREST presents it';

REVOKE ALL ON FUNCTION oauth.serve_http(text, bytea) FROM PUBLIC;
