-- An authorization request, read and judged (RFC 6749 4.1.1, OpenID Connect
-- Core 1.0 3), and the answers to it.

-- error tells what is wrong; redirectable whether the client may be told, which
-- is when client and redirect URI are known to belong together.
CREATE TYPE oauth.authorization_request AS (
    client            oauth.clients,
    parameters        jsonb,
    redirect_uri      text,
    response_type     text,
    response_mode     text,
    scopes            text[],
    resources         text[],
    state             text,
    nonce             text,
    code_challenge    text,
    prompt            text[],
    max_age           integer,
    acr_values        text[],
    claims            jsonb,
    error             text,
    error_description text,
    redirectable      boolean
);
REVOKE ALL ON TYPE oauth.authorization_request FROM PUBLIC;
COMMENT ON TYPE oauth.authorization_request IS
    'An authorization request, and what is wrong with it';

-- RFC 9700 2.1: the same string; only the port of a loopback address floats
-- (RFC 8252 7.3), since a native application takes the one it gets.
CREATE FUNCTION oauth.is_registered_uri(uri text, registered text[]) RETURNS boolean
LANGUAGE sql IMMUTABLE
RETURN uri = ANY (registered) OR EXISTS (
    SELECT
    FROM unnest(registered) AS r (uri)
    WHERE r.uri ~ '^http://(127\.0\.0\.1|\[::1\])(:[0-9]+)?(/|$)'
      AND is_registered_uri.uri ~ '^http://(127\.0\.0\.1|\[::1\])(:[0-9]{1,5})?(/|$)'
      AND regexp_replace(r.uri, '^(http://(127\.0\.0\.1|\[::1\]))(:[0-9]+)?', '\1')
        = regexp_replace(is_registered_uri.uri, '^(http://(127\.0\.0\.1|\[::1\]))(:[0-9]+)?', '\1')
);

-- A response type is a set of words (OAuth 2.0 Multiple Response Type Encoding Practices 3).
CREATE FUNCTION oauth.response_type_words(response_type text) RETURNS text
LANGUAGE sql IMMUTABLE
RETURN (SELECT string_agg(w, ' ' ORDER BY w COLLATE "C") FROM string_to_table(response_type, ' ') AS w);

-- The claims parameter is a JSON object, whose members userinfo and id_token
-- name claims, each with an object or null (OpenID Connect Core 1.0 5.5); NULL
-- when it is none.
CREATE FUNCTION oauth.claims_request(claims text) RETURNS jsonb
LANGUAGE plpgsql IMMUTABLE
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    parsed jsonb;
BEGIN
    -- here, and not above: what a declaration raises is not caught below
    parsed := claims::jsonb;
    IF jsonb_typeof(parsed) IS DISTINCT FROM 'object'
       OR coalesce(jsonb_typeof(parsed -> 'userinfo'), 'null') NOT IN ('object', 'null')
       OR coalesce(jsonb_typeof(parsed -> 'id_token'), 'null') NOT IN ('object', 'null')
    THEN
        RETURN NULL;
    END IF;
    IF EXISTS (
        SELECT
        FROM unnest(ARRAY[parsed -> 'userinfo', parsed -> 'id_token']) AS target (claims),
             jsonb_each(CASE jsonb_typeof(target.claims) WHEN 'object' THEN target.claims ELSE '{}' END) AS claim (name, wish)
        WHERE jsonb_typeof(claim.wish) NOT IN ('object', 'null'))
    THEN
        RETURN NULL;
    END IF;
    RETURN parsed;
EXCEPTION
    WHEN data_exception OR program_limit_exceeded THEN
        RETURN NULL;
END
$$;

-- Of the claims that the parameter names, those which the client may have: by its
-- scopes, and what only the protocol says.  The operator's own applications, of which
-- nobody is asked, may have them all.
CREATE FUNCTION oauth.claims_for(client oauth.clients, claims jsonb) RETURNS jsonb
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    allowed text[] := oauth.scope_claims(client.scopes) || '{sub,acr,auth_time}'::text[];
BEGIN
    IF claims IS NULL OR NOT client.require_consent THEN
        RETURN claims;
    END IF;
    RETURN jsonb_strip_nulls(jsonb_build_object(
        'userinfo', (SELECT jsonb_object_agg(c.name, coalesce(nullif(c.wish, 'null'), '{}'))
                     FROM jsonb_each(nullif(claims -> 'userinfo', 'null')) AS c (name, wish)
                     WHERE c.name = ANY (allowed)),
        'id_token', (SELECT jsonb_object_agg(c.name, coalesce(nullif(c.wish, 'null'), '{}'))
                     FROM jsonb_each(nullif(claims -> 'id_token', 'null')) AS c (name, wish)
                     WHERE c.name = ANY (allowed))));
END
$$;

CREATE FUNCTION oauth.read_authorization_request(issuer oauth.issuers, parameters jsonb) RETURNS oauth.authorization_request
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    asked oauth.authorization_request;
    client oauth.clients;
    fault text[];
BEGIN
    asked.parameters := parameters;
    asked.redirectable := false;
    asked.error := 'invalid_request';

    SELECT c.* INTO client
    FROM oauth.clients AS c
    WHERE c.issuer_id = issuer.issuer_id AND c.client_id = parameters ->> 'client_id' AND c.enabled;
    asked.client := client;
    asked.scopes := oauth.requested_scopes(parameters);
    asked.redirect_uri := parameters ->> 'redirect_uri';

    -- Nobody is sent to an address that is not the client's (RFC 6749 3.1.2.4).
    IF client.client_id IS NULL THEN
        asked.error_description := 'The application is not known here.';
        RETURN asked;
    END IF;
    IF asked.redirect_uri IS NULL AND cardinality(client.redirect_uris) = 1 AND NOT coalesce('openid' = ANY (asked.scopes), false) THEN
        asked.redirect_uri := client.redirect_uris[1];
    ELSIF asked.redirect_uri IS NULL OR NOT oauth.is_registered_uri(asked.redirect_uri, client.redirect_uris) THEN
        asked.error_description := 'The address to return to is not one of the application''s.';
        RETURN asked;
    END IF;

    asked.redirectable := true;
    asked.response_type := oauth.response_type_words(parameters ->> 'response_type');
    asked.state := parameters ->> 'state';
    asked.nonce := parameters ->> 'nonce';
    asked.code_challenge := parameters ->> 'code_challenge';
    asked.resources := oauth.requested_resources(issuer, client, parameters);
    asked.prompt := coalesce(string_to_array(parameters ->> 'prompt', ' '), '{}');
    asked.max_age := CASE WHEN parameters ->> 'max_age' ~ '^[0-9]{1,9}$' THEN (parameters ->> 'max_age')::integer END;
    asked.acr_values := coalesce(string_to_array(parameters ->> 'acr_values', ' '), '{}');
    asked.claims := oauth.claims_for(client, oauth.claims_request(parameters ->> 'claims'));
    asked.response_mode := coalesce(
        CASE WHEN parameters ->> 'response_mode' IN ('query', 'fragment', 'form_post') THEN parameters ->> 'response_mode' END,
        CASE WHEN coalesce(asked.response_type, 'code') = 'code' THEN 'query' ELSE 'fragment' END);

    fault := oauth.authorization_fault(issuer, asked);
    asked.error := fault[1];
    asked.error_description := fault[2];
    -- whatever was asked, no token goes into a query
    IF asked.response_mode = 'query' AND asked.response_type IS DISTINCT FROM 'code' AND asked.response_type IS NOT NULL THEN
        asked.response_mode := 'fragment';
    END IF;
    IF asked.max_age IS NULL AND asked.error IS NULL THEN
        asked.max_age := extract(epoch FROM client.default_max_age);
    END IF;
    RETURN asked;
END
$$;

-- The request that a page carries on.  It came back through the browser, so it is
-- judged anew; all NULL when there is none.
CREATE FUNCTION oauth.read_carried_request(issuer oauth.issuers, carried text) RETURNS oauth.authorization_request
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    IF carried IS NULL THEN
        RETURN NULL;
    END IF;
    RETURN oauth.read_authorization_request(issuer, oauth.parse_form(convert_to(carried, 'UTF8')));
END
$$;

-- To the client, by the way it asked for; state and iss go with it (RFC 9207).
CREATE FUNCTION oauth.authorization_response(
    issuer           oauth.issuers,
    asked            oauth.authorization_request,
    VARIADIC members text[]
) RETURNS oauth.response
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    parts text[] := members || ARRAY['state', asked.state, 'iss', issuer.issuer];
    form text := oauth.form_of(VARIADIC parts);
BEGIN
    IF asked.response_mode = 'form_post' THEN
        RETURN oauth.form_post_page(issuer, asked.redirect_uri, parts);
    END IF;
    RETURN oauth.redirect_response(asked.redirect_uri || CASE
        WHEN asked.response_mode = 'fragment' THEN '#'
        WHEN strpos(asked.redirect_uri, '?') > 0 THEN '&'
        ELSE '?'
    END || form);
END
$$;

CREATE FUNCTION oauth.authorization_error(
    issuer      oauth.issuers,
    asked       oauth.authorization_request,
    error       text,
    description text
) RETURNS oauth.response
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    IF NOT asked.redirectable THEN
        RETURN oauth.error_page(issuer, error, description);
    END IF;
    RETURN oauth.authorization_response(issuer, asked, 'error', error, 'error_description', description);
END
$$;

COMMENT ON FUNCTION oauth.is_registered_uri(text, text[]) IS
    'Internal: is it one of the registered redirect URIs? (RFC 9700 2.1, RFC 8252 7.3)';
COMMENT ON FUNCTION oauth.response_type_words(text) IS
    'Internal: a response type with its words in order';
COMMENT ON FUNCTION oauth.claims_request(text) IS
    'Internal: the claims parameter, NULL when malformed (OpenID Connect Core 1.0 5.5)';
COMMENT ON FUNCTION oauth.claims_for(oauth.clients, jsonb) IS
    'Internal: the claims parameter without what the client may not have';
COMMENT ON FUNCTION oauth.read_authorization_request(oauth.issuers, jsonb) IS
    'Internal: an authorization request, read and judged';
COMMENT ON FUNCTION oauth.read_carried_request(oauth.issuers, text) IS
    'Internal: the authorization request that a page carries on, read and judged anew';
COMMENT ON FUNCTION oauth.authorization_response(oauth.issuers, oauth.authorization_request, text[]) IS
    'Internal: an authorization response of names and values in turn (RFC 6749 4.1.2, RFC 9207)';
COMMENT ON FUNCTION oauth.authorization_error(oauth.issuers, oauth.authorization_request, text, text) IS
    'Internal: an authorization error, to the client where that is safe, else to the person (RFC 6749 4.1.2.1)';

REVOKE ALL ON FUNCTION oauth.is_registered_uri(text, text[]) FROM PUBLIC;
REVOKE ALL ON FUNCTION oauth.response_type_words(text) FROM PUBLIC;
REVOKE ALL ON FUNCTION oauth.claims_request(text) FROM PUBLIC;
REVOKE ALL ON FUNCTION oauth.claims_for(oauth.clients, jsonb) FROM PUBLIC;
REVOKE ALL ON FUNCTION oauth.read_authorization_request(oauth.issuers, jsonb) FROM PUBLIC;
REVOKE ALL ON FUNCTION oauth.read_carried_request(oauth.issuers, text) FROM PUBLIC;
REVOKE ALL ON FUNCTION oauth.authorization_response(oauth.issuers, oauth.authorization_request, text[]) FROM PUBLIC;
REVOKE ALL ON FUNCTION oauth.authorization_error(oauth.issuers, oauth.authorization_request, text, text) FROM PUBLIC;
