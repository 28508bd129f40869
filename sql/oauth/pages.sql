-- Pages for people.

CREATE FUNCTION oauth.error_page(
    issuer      oauth.issuers,
    error       text,
    description text,
    status      integer DEFAULT 400,
    headers     jsonb DEFAULT '[]'
) RETURNS oauth.response
LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp
RETURN oauth.make_response(status, 'text/plain; charset=utf-8', error || ': ' || description, oauth.no_store() || headers);

COMMENT ON FUNCTION oauth.error_page(oauth.issuers, text, text, integer, jsonb) IS
    'Internal: an error that a person reads';

REVOKE ALL ON FUNCTION oauth.error_page(oauth.issuers, text, text, integer, jsonb) FROM PUBLIC;
