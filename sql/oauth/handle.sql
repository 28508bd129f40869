-- The one entrance: finds the issuer and the endpoint, takes the parameters
-- apart, and hands over.  An endpoint is a function
--
--     oauth.serve_NAME(request oauth.request, issuer oauth.issuers, parameters jsonb) RETURNS oauth.response
--
-- and a row of oauth.endpoints, both in the endpoint's own file.

CREATE TABLE oauth.endpoints (
    path     text COLLATE "C" PRIMARY KEY,
    methods  text[] NOT NULL,
    kind     text NOT NULL CHECK (kind IN ('api', 'page')),
    function name NOT NULL,
    metadata text
);

COMMENT ON TABLE oauth.endpoints IS
    'Endpoints: what oauth.handle serves; written by the extension''s script alone';
COMMENT ON COLUMN oauth.endpoints.kind IS
    'api: programs ask, errors are JSON; page: people do, errors are pages';

COMMENT ON COLUMN oauth.endpoints.metadata IS
    'The member of the discovery documents that names it (RFC 8414 2); NULL: none does';

REVOKE ALL ON TABLE oauth.endpoints FROM PUBLIC;

-- An error of the request itself, as a page or as JSON; allow: the methods there are.
CREATE FUNCTION oauth.refuse(
    kind        text,
    issuer      oauth.issuers,
    error       text,
    description text,
    status      integer,
    allow       text[]
) RETURNS oauth.response
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    headers jsonb := '[]'::jsonb;
BEGIN
    IF allow IS NOT NULL THEN
        headers := jsonb_build_array(jsonb_build_object('Allow', array_to_string(allow, ', ')));
    END IF;
    IF kind = 'page' AND issuer.issuer_id IS NOT NULL THEN
        RETURN oauth.error_page(issuer, error, description, status, headers);
    END IF;
    RETURN oauth.error_response(error, description, status, headers);
END
$$;

-- An error of ours.
CREATE FUNCTION oauth.record_failure(issuer oauth.issuers, request oauth.request, sqlstate text) RETURNS void
LANGUAGE plpgsql VOLATILE
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    PERFORM oauth.record_event(issuer.issuer_id, 'server_error', remote_addr => request.remote_addr,
        detail => jsonb_build_object('path', request.path, 'sqlstate', record_failure.sqlstate));
END
$$;

CREATE FUNCTION oauth.handle(request oauth.request) RETURNS oauth.response
LANGUAGE c VOLATILE STRICT
AS 'MODULE_PATHNAME', 'oauth_handle';

-- For a gateway, whose database role may call this and nothing else.
CREATE FUNCTION oauth.serve(
    issuer      text,
    method      text,
    path        text,
    query       text,
    headers     jsonb,
    body        bytea,
    remote_addr inet
) RETURNS oauth.response
LANGUAGE c VOLATILE SECURITY DEFINER
AS 'MODULE_PATHNAME', 'oauth_serve';

COMMENT ON FUNCTION oauth.refuse(text, oauth.issuers, text, text, integer, text[]) IS
    'Internal: an error as the endpoint''s callers read it';
COMMENT ON FUNCTION oauth.record_failure(oauth.issuers, oauth.request, text) IS
    'Internal: write down that an endpoint failed';
COMMENT ON FUNCTION oauth.handle(oauth.request) IS
    'Serve one request: the whole authorization server, whoever carries it over HTTP';
COMMENT ON FUNCTION oauth.serve(text, text, text, text, jsonb, bytea, inet) IS
    'Serve one request with the rights of the extension''s owner: what a gateway calls';

REVOKE ALL ON FUNCTION oauth.refuse(text, oauth.issuers, text, text, integer, text[]) FROM PUBLIC;
REVOKE ALL ON FUNCTION oauth.record_failure(oauth.issuers, oauth.request, text) FROM PUBLIC;
REVOKE ALL ON FUNCTION oauth.handle(oauth.request) FROM PUBLIC;
REVOKE ALL ON FUNCTION oauth.serve(text, text, text, text, jsonb, bytea, inet) FROM PUBLIC;
