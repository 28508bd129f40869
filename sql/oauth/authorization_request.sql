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

-- What the user is asked for: the scopes, and those whose claims are named one by one.
CREATE FUNCTION oauth.consent_scopes(asked oauth.authorization_request) RETURNS text[]
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    IF asked.claims IS NULL THEN
        RETURN asked.scopes;
    END IF;
    RETURN asked.scopes || ARRAY(
        SELECT s.scope
        FROM unnest('{profile,email,address,phone}'::text[]) AS s (scope)
        WHERE s.scope <> ALL (asked.scopes)
          AND s.scope = ANY ((asked.client).scopes)
          AND (asked.claims -> 'userinfo' ?| oauth.scope_claims(ARRAY[s.scope])
               OR asked.claims -> 'id_token' ?| oauth.scope_claims(ARRAY[s.scope])));
END
$$;

-- ... and the resources: who names none means the default one.
CREATE FUNCTION oauth.consent_resources(asked oauth.authorization_request) RETURNS text[]
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    RETURN CASE asked.resources WHEN '{}' THEN ARRAY[oauth.default_resource((asked.client).issuer_id)] ELSE asked.resources END;
END
$$;

-- A response type is a set of words (OAuth 2.0 Multiple Response Type Encoding Practices 3).
CREATE FUNCTION oauth.response_type_words(response_type text) RETURNS text
LANGUAGE sql IMMUTABLE
RETURN (SELECT string_agg(w, ' ' ORDER BY w COLLATE "C") FROM string_to_table(response_type, ' ') AS w);

-- What is wrong with a request whose client and redirect URI are good:
-- {error, description}, or NULL.
CREATE FUNCTION oauth.authorization_fault(issuer oauth.issuers, asked oauth.authorization_request) RETURNS text[]
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    client oauth.clients := asked.client;
    parameters jsonb := asked.parameters;
    is_openid boolean := 'openid' = ANY (asked.scopes);
    words text := oauth.response_type_words(asked.response_type);
    in_front boolean := coalesce(asked.response_type <> 'code', false);
BEGIN
    IF asked.response_type IS NULL THEN
        RETURN ARRAY['invalid_request', 'response_type is missing.'];
    END IF;
    IF words NOT IN ('code', 'token', 'id_token', 'id_token token', 'code id_token', 'code token', 'code id_token token') THEN
        RETURN ARRAY['unsupported_response_type', 'The server does not know this response type.'];
    END IF;
    IF NOT EXISTS (SELECT FROM unnest(client.response_types) AS r WHERE oauth.response_type_words(r) = words)
       OR in_front AND NOT 'implicit' = ANY (client.grant_types)
       OR words ~ 'code' AND NOT 'authorization_code' = ANY (client.grant_types)
    THEN
        RETURN ARRAY['unauthorized_client', 'The client may not use this response type.'];
    END IF;
    IF parameters ? 'response_mode' AND (
           parameters ->> 'response_mode' NOT IN ('query', 'fragment', 'form_post')
           OR in_front AND parameters ->> 'response_mode' = 'query')
    THEN
        RETURN ARRAY['invalid_request', 'The response mode does not go with the response type.'];
    END IF;

    -- OpenID Connect Core 1.0 6 and 7.2.1
    IF parameters ? 'request' THEN
        RETURN ARRAY['request_not_supported', 'Request objects are not supported.'];
    END IF;
    IF parameters ? 'request_uri' THEN
        RETURN ARRAY['request_uri_not_supported', 'Request objects are not supported.'];
    END IF;
    IF parameters ? 'registration' THEN
        RETURN ARRAY['registration_not_supported', 'The registration parameter is not supported.'];
    END IF;

    -- RFC 7636 4.3; plain protects nothing that S256 does not
    IF parameters ? 'code_challenge' AND coalesce(parameters ->> 'code_challenge_method', 'plain') <> 'S256' THEN
        RETURN ARRAY['invalid_request', 'code_challenge_method must be S256.'];
    END IF;
    IF parameters ? 'code_challenge' AND parameters ->> 'code_challenge' !~ '^[A-Za-z0-9_-]{43}$'
       OR parameters ? 'code_challenge_method' AND NOT parameters ? 'code_challenge'
    THEN
        RETURN ARRAY['invalid_request', 'code_challenge is not the base64url of a SHA-256.'];
    END IF;
    IF words ~ 'code' AND NOT parameters ? 'code_challenge'
       AND (client.token_endpoint_auth_method = 'none' OR issuer.require_pkce)
    THEN
        RETURN ARRAY['invalid_request', 'code_challenge is missing: the server requires PKCE.'];
    END IF;

    -- RFC 6749 3.3: without a scope the request fails; a default would grant what
    -- nobody named.  A scope that was taken away since is nobody's any more.
    IF asked.scopes IS NULL
       OR NOT asked.scopes <@ client.scopes
       OR asked.scopes = '{}' AND client.scopes <> '{}'
       OR NOT asked.scopes <@ ARRAY(SELECT s.scope::text FROM oauth.scopes AS s WHERE s.issuer_id = issuer.issuer_id)
    THEN
        RETURN ARRAY['invalid_scope', 'The scopes are not among those the client may have.'];
    END IF;
    IF asked.resources IS NULL THEN
        RETURN ARRAY['invalid_target', 'The client may not have one of these resources.'];
    END IF;

    IF words ~ 'id_token' AND NOT is_openid THEN
        RETURN ARRAY['invalid_scope', 'An ID token needs the scope openid.'];
    END IF;
    IF words ~ 'id_token' AND asked.nonce IS NULL THEN
        RETURN ARRAY['invalid_request', 'nonce is missing.'];
    END IF;
    IF NOT asked.prompt <@ '{none,login,consent,select_account}' OR 'none' = ANY (asked.prompt) AND cardinality(asked.prompt) > 1 THEN
        RETURN ARRAY['invalid_request', 'prompt is not one that the server knows.'];
    END IF;
    IF parameters ? 'max_age' AND asked.max_age IS NULL THEN
        RETURN ARRAY['invalid_request', 'max_age is not a number of seconds.'];
    END IF;
    IF parameters ? 'claims' AND asked.claims IS NULL THEN
        RETURN ARRAY['invalid_request', 'claims is not a JSON object of the form OpenID Connect gives it.'];
    END IF;
    RETURN NULL;
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
    asked.scopes := oauth.scope_list(parameters ->> 'scope');
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
    asked.response_type := parameters ->> 'response_type';
    asked.state := parameters ->> 'state';
    asked.nonce := parameters ->> 'nonce';
    asked.code_challenge := parameters ->> 'code_challenge';
    asked.resources := oauth.requested_resources(client, parameters);
    asked.prompt := coalesce(string_to_array(parameters ->> 'prompt', ' '), '{}');
    asked.max_age := CASE WHEN parameters ->> 'max_age' ~ '^[0-9]{1,9}$' THEN (parameters ->> 'max_age')::integer END;
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

-- To the client, by the way it asked for; state and iss go with it (RFC 9207).
CREATE FUNCTION oauth.authorization_response(
    issuer           oauth.issuers,
    asked            oauth.authorization_request,
    VARIADIC members text[]
) RETURNS oauth.response
LANGUAGE plpgsql STABLE
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
LANGUAGE plpgsql STABLE
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
COMMENT ON FUNCTION oauth.claims_request(text) IS
    'Internal: the claims parameter, NULL when malformed (OpenID Connect Core 1.0 5.5)';
COMMENT ON FUNCTION oauth.claims_for(oauth.clients, jsonb) IS
    'Internal: the claims parameter without what the client may not have';
COMMENT ON FUNCTION oauth.consent_scopes(oauth.authorization_request) IS
    'Internal: the scopes that a request needs the user''s consent to';
COMMENT ON FUNCTION oauth.consent_resources(oauth.authorization_request) IS
    'Internal: the resources that a request needs the user''s consent to';
COMMENT ON FUNCTION oauth.response_type_words(text) IS
    'Internal: a response type with its words in order';
COMMENT ON FUNCTION oauth.authorization_fault(oauth.issuers, oauth.authorization_request) IS
    'Internal: what is wrong with an authorization request, as {error, description}; NULL: nothing';
COMMENT ON FUNCTION oauth.read_authorization_request(oauth.issuers, jsonb) IS
    'Internal: an authorization request, read and judged';
COMMENT ON FUNCTION oauth.authorization_response(oauth.issuers, oauth.authorization_request, text[]) IS
    'Internal: an authorization response of names and values in turn (RFC 6749 4.1.2, RFC 9207)';
COMMENT ON FUNCTION oauth.authorization_error(oauth.issuers, oauth.authorization_request, text, text) IS
    'Internal: an authorization error, to the client where that is safe, else to the person (RFC 6749 4.1.2.1)';

REVOKE ALL ON FUNCTION oauth.is_registered_uri(text, text[]) FROM PUBLIC;
REVOKE ALL ON FUNCTION oauth.claims_request(text) FROM PUBLIC;
REVOKE ALL ON FUNCTION oauth.claims_for(oauth.clients, jsonb) FROM PUBLIC;
REVOKE ALL ON FUNCTION oauth.consent_scopes(oauth.authorization_request) FROM PUBLIC;
REVOKE ALL ON FUNCTION oauth.consent_resources(oauth.authorization_request) FROM PUBLIC;
REVOKE ALL ON FUNCTION oauth.response_type_words(text) FROM PUBLIC;
REVOKE ALL ON FUNCTION oauth.authorization_fault(oauth.issuers, oauth.authorization_request) FROM PUBLIC;
REVOKE ALL ON FUNCTION oauth.read_authorization_request(oauth.issuers, jsonb) FROM PUBLIC;
REVOKE ALL ON FUNCTION oauth.authorization_response(oauth.issuers, oauth.authorization_request, text[]) FROM PUBLIC;
REVOKE ALL ON FUNCTION oauth.authorization_error(oauth.issuers, oauth.authorization_request, text, text) FROM PUBLIC;
