-- How responses are made.

CREATE FUNCTION oauth.make_response(status integer, content_type text, body text, headers jsonb DEFAULT '[]') RETURNS oauth.response
LANGUAGE sql STABLE
RETURN ROW(
    status,
    jsonb_build_array(jsonb_build_object('Content-Type', content_type)) || headers,
    convert_to(body, 'UTF8')
)::oauth.response;

-- RFC 6749 5.1: what may hold a token is not stored on the way.
CREATE FUNCTION oauth.no_store() RETURNS jsonb
LANGUAGE sql IMMUTABLE
RETURN '[{"Cache-Control": "no-store"}, {"Pragma": "no-cache"}]'::jsonb;

CREATE FUNCTION oauth.json_response(body jsonb, headers jsonb DEFAULT NULL, status integer DEFAULT 200) RETURNS oauth.response
LANGUAGE c STABLE
AS 'MODULE_PATHNAME', 'oauth_json_response';

-- RFC 6749 5.2.  A description is ours: it never repeats what came in.
CREATE FUNCTION oauth.error_response(
    error       text,
    description text,
    status      integer DEFAULT 400,
    headers     jsonb DEFAULT '[]'
) RETURNS oauth.response
LANGUAGE sql STABLE
RETURN oauth.json_response(
    jsonb_build_object('error', error, 'error_description', description),
    oauth.no_store() || headers,
    status
);

-- 303, so that a POST is not repeated with its body (RFC 9700 4.12).
CREATE FUNCTION oauth.redirect_response(location text, headers jsonb DEFAULT '[]') RETURNS oauth.response
LANGUAGE sql STABLE
RETURN ROW(
    303,
    jsonb_build_array(jsonb_build_object('Location', location)) || oauth.no_store()
        || '[{"Referrer-Policy": "no-referrer"}]'::jsonb || headers,
    ''::bytea
)::oauth.response;

-- name=value&name=value of what is not NULL, in the order given.
CREATE FUNCTION oauth.form_of(VARIADIC parameters text[]) RETURNS text
LANGUAGE sql IMMUTABLE
RETURN (
    SELECT coalesce(string_agg(oauth.form_encode(parameters[n]) || '=' || oauth.form_encode(parameters[n + 1]), '&' ORDER BY n), '')
    FROM generate_series(1, cardinality(parameters), 2) AS n
    WHERE parameters[n + 1] IS NOT NULL
);

COMMENT ON FUNCTION oauth.make_response(integer, text, text, jsonb) IS
    'Internal: a response with a text body';
COMMENT ON FUNCTION oauth.no_store() IS
    'Internal: headers that keep a response out of caches (RFC 6749 5.1)';
COMMENT ON FUNCTION oauth.json_response(jsonb, jsonb, integer) IS
    'Internal: a JSON response; headers NULL: not to be stored';
COMMENT ON FUNCTION oauth.error_response(text, text, integer, jsonb) IS
    'Internal: an OAuth error (RFC 6749 5.2)';
COMMENT ON FUNCTION oauth.redirect_response(text, jsonb) IS
    'Internal: a redirect by 303';
COMMENT ON FUNCTION oauth.form_of(text[]) IS
    'Internal: names and values in turn as application/x-www-form-urlencoded, NULL values left out';

REVOKE ALL ON FUNCTION oauth.make_response(integer, text, text, jsonb) FROM PUBLIC;
REVOKE ALL ON FUNCTION oauth.no_store() FROM PUBLIC;
REVOKE ALL ON FUNCTION oauth.json_response(jsonb, jsonb, integer) FROM PUBLIC;
REVOKE ALL ON FUNCTION oauth.error_response(text, text, integer, jsonb) FROM PUBLIC;
REVOKE ALL ON FUNCTION oauth.redirect_response(text, jsonb) FROM PUBLIC;
REVOKE ALL ON FUNCTION oauth.form_of(text[]) FROM PUBLIC;
