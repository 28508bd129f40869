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

-- Of two, none is the only one.
CREATE FUNCTION oauth.only_issuer() RETURNS oauth.issuers
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    issuer oauth.issuers;
BEGIN
    SELECT i.* INTO issuer
    FROM oauth.issuers AS i
    WHERE i.enabled
      AND NOT EXISTS (SELECT FROM oauth.issuers AS o WHERE o.enabled AND o.issuer_id <> i.issuer_id);
    RETURN issuer;
END
$$;

-- The type alone, without its parameters (RFC 9110 8.3.1).
CREATE FUNCTION oauth.media_type(content_type text) RETURNS text
LANGUAGE sql IMMUTABLE
RETURN lower(rtrim(split_part(content_type, ';', 1), E' \t') COLLATE "C");

-- What the request asks with: the query of a GET, the form of a POST.
-- NULL when it is malformed.
CREATE FUNCTION oauth.request_parameters(request oauth.request) RETURNS jsonb
LANGUAGE sql STABLE
RETURN CASE
    WHEN request.method IN ('GET', 'HEAD') THEN oauth.parse_form(convert_to(coalesce(request.query, ''), 'UTF8'))
    WHEN coalesce(request.body, '') = '' THEN '{}'::jsonb
    WHEN oauth.media_type(request.headers ->> 'content-type') = 'application/x-www-form-urlencoded' THEN oauth.parse_form(request.body)
END;

-- RFC 6749 3.1 and 3.2: parameters are not repeated, but for these (RFC 8707 2).
CREATE FUNCTION oauth.has_repeated(parameters jsonb) RETURNS boolean
LANGUAGE sql IMMUTABLE
RETURN jsonb_path_exists(parameters - '{resource,audience}'::text[], 'strict $.* ? (@.type() == "array")');

-- An error of the request itself, as a page or as JSON.
CREATE FUNCTION oauth.refuse(
    endpoint    oauth.endpoints,
    issuer      oauth.issuers,
    error       text,
    description text,
    status      integer DEFAULT 400,
    headers     jsonb DEFAULT '[]'
) RETURNS oauth.response
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    IF endpoint.kind = 'page' AND issuer.issuer_id IS NOT NULL THEN
        RETURN oauth.error_page(issuer, error, description, status, headers);
    END IF;
    RETURN oauth.error_response(error, description, status, headers);
END
$$;

-- The endpoint's function; its name comes from oauth.endpoints, never from a request.
CREATE FUNCTION oauth.call_endpoint(function name, request oauth.request, issuer oauth.issuers, parameters jsonb) RETURNS oauth.response
LANGUAGE c VOLATILE STRICT
AS 'MODULE_PATHNAME', 'oauth_call_endpoint';

CREATE FUNCTION oauth.handle(request oauth.request) RETURNS oauth.response
LANGUAGE plpgsql VOLATILE
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    issuer oauth.issuers;
    endpoint oauth.endpoints;
    parameters jsonb;
    state text;
BEGIN
    -- A code used twice, a token revoked, a failure counted: each is seen in what others
    -- have committed meanwhile.  Above READ COMMITTED it would not be, and those who race
    -- would fail uncounted.
    IF current_setting('transaction_isolation') IN ('repeatable read', 'serializable') THEN
        RAISE LOG 'oauth.handle: called in a transaction that is %', current_setting('transaction_isolation')
            USING HINT = 'Set default_transaction_isolation of the role that calls it to "read committed".';
        RETURN oauth.error_response('server_error', 'The server met an unexpected condition.', 500);
    END IF;

    IF request.issuer IS NULL THEN
        issuer := oauth.only_issuer();
    ELSE
        SELECT i.* INTO issuer
        FROM oauth.issuers AS i
        WHERE i.issuer = request.issuer AND i.enabled;
    END IF;
    IF issuer.issuer_id IS NULL THEN
        RETURN oauth.error_response('invalid_request', 'There is no such issuer.', 404);
    END IF;

    SELECT e.* INTO endpoint
    FROM oauth.endpoints AS e
    WHERE e.path = request.path;
    IF endpoint.path IS NULL THEN
        RETURN oauth.error_response('invalid_request', 'There is no such endpoint.', 404);
    END IF;
    IF request.method <> ALL (endpoint.methods) THEN
        RETURN oauth.refuse(endpoint, issuer, 'invalid_request', 'The endpoint does not take this method.', 405,
            jsonb_build_array(jsonb_build_object('Allow', array_to_string(endpoint.methods, ', '))));
    END IF;

    parameters := oauth.request_parameters(request);
    IF parameters IS NULL THEN
        RETURN oauth.refuse(endpoint, issuer, 'invalid_request', 'The parameters are not a well-formed form in UTF-8.');
    END IF;
    IF oauth.has_repeated(parameters) THEN
        RETURN oauth.refuse(endpoint, issuer, 'invalid_request', 'A parameter is repeated.');
    END IF;

    -- What an endpoint did not foresee is our error, and tells nothing.
    BEGIN
        RETURN oauth.call_endpoint(endpoint.function, request, issuer, parameters);
    EXCEPTION
        WHEN OTHERS THEN
            GET STACKED DIAGNOSTICS state = RETURNED_SQLSTATE;
            RAISE LOG 'oauth.handle: % failed with SQLSTATE %', endpoint.path, state
                USING HINT = 'Call the endpoint''s function by itself to see the error.';
            PERFORM oauth.record_event(issuer.issuer_id, 'server_error', remote_addr => request.remote_addr,
                detail => jsonb_build_object('path', endpoint.path, 'sqlstate', state));
            RETURN oauth.refuse(endpoint, issuer, 'server_error', 'The server met an unexpected condition.', 500);
    END;
END
$$;

COMMENT ON FUNCTION oauth.only_issuer() IS
    'Internal: the one enabled issuer, where there is just one';
COMMENT ON FUNCTION oauth.media_type(text) IS
    'Internal: the type of a Content-Type header, in lower case (RFC 9110 8.3.1)';
COMMENT ON FUNCTION oauth.request_parameters(oauth.request) IS
    'Internal: a request''s parameters, NULL when malformed';
COMMENT ON FUNCTION oauth.has_repeated(jsonb) IS
    'Internal: is a parameter there twice that may not be?';
COMMENT ON FUNCTION oauth.refuse(oauth.endpoints, oauth.issuers, text, text, integer, jsonb) IS
    'Internal: an error as the endpoint''s callers read it';
COMMENT ON FUNCTION oauth.call_endpoint(name, oauth.request, oauth.issuers, jsonb) IS
    'Internal: an endpoint''s answer';
COMMENT ON FUNCTION oauth.handle(oauth.request) IS
    'Serve one request: the whole authorization server, whoever carries it over HTTP';

REVOKE ALL ON FUNCTION oauth.only_issuer() FROM PUBLIC;
REVOKE ALL ON FUNCTION oauth.media_type(text) FROM PUBLIC;
REVOKE ALL ON FUNCTION oauth.request_parameters(oauth.request) FROM PUBLIC;
REVOKE ALL ON FUNCTION oauth.has_repeated(jsonb) FROM PUBLIC;
REVOKE ALL ON FUNCTION oauth.refuse(oauth.endpoints, oauth.issuers, text, text, integer, jsonb) FROM PUBLIC;
REVOKE ALL ON FUNCTION oauth.call_endpoint(name, oauth.request, oauth.issuers, jsonb) FROM PUBLIC;
REVOKE ALL ON FUNCTION oauth.handle(oauth.request) FROM PUBLIC;
