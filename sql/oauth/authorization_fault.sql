-- What is wrong with an authorization request whose client and redirect URI are
-- good: each question is a function that answers {error, description}, or NULL.

-- Does the client ask for what it may have, by a way that goes with it?
CREATE FUNCTION oauth.response_fault(asked oauth.authorization_request) RETURNS text[]
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    client oauth.clients := asked.client;
    parameters jsonb := asked.parameters;
    in_front boolean := coalesce(asked.response_type <> 'code', false);
BEGIN
    IF asked.response_type IS NULL THEN
        RETURN ARRAY['invalid_request', 'response_type is missing.'];
    END IF;
    IF asked.response_type NOT IN ('code', 'token', 'id_token', 'id_token token', 'code id_token', 'code token', 'code id_token token') THEN
        RETURN ARRAY['unsupported_response_type', 'The server does not know this response type.'];
    END IF;
    IF NOT EXISTS (SELECT FROM unnest(client.response_types) AS r WHERE oauth.response_type_words(r) = asked.response_type)
       OR in_front AND NOT 'implicit' = ANY (client.grant_types)
       OR asked.response_type ~ 'code' AND NOT 'authorization_code' = ANY (client.grant_types)
    THEN
        RETURN ARRAY['unauthorized_client', 'The client may not use this response type.'];
    END IF;
    IF parameters ? 'response_mode' AND (
           parameters ->> 'response_mode' NOT IN ('query', 'fragment', 'form_post')
           OR in_front AND parameters ->> 'response_mode' = 'query')
    THEN
        RETURN ARRAY['invalid_request', 'The response mode does not go with the response type.'];
    END IF;
    RETURN NULL;
END
$$;

-- OpenID Connect Core 1.0 6 and 7.2.1
CREATE FUNCTION oauth.unsupported_fault(parameters jsonb) RETURNS text[]
LANGUAGE plpgsql IMMUTABLE
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    IF parameters ? 'request' THEN
        RETURN ARRAY['request_not_supported', 'Request objects are not supported.'];
    END IF;
    IF parameters ? 'request_uri' THEN
        RETURN ARRAY['request_uri_not_supported', 'Request objects are not supported.'];
    END IF;
    IF parameters ? 'registration' THEN
        RETURN ARRAY['registration_not_supported', 'The registration parameter is not supported.'];
    END IF;
    RETURN NULL;
END
$$;

-- RFC 7636 4.3; plain protects nothing that S256 does not.
CREATE FUNCTION oauth.pkce_fault(issuer oauth.issuers, asked oauth.authorization_request) RETURNS text[]
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    client oauth.clients := asked.client;
    parameters jsonb := asked.parameters;
BEGIN
    IF parameters ? 'code_challenge' AND coalesce(parameters ->> 'code_challenge_method', 'plain') <> 'S256' THEN
        RETURN ARRAY['invalid_request', 'code_challenge_method must be S256.'];
    END IF;
    IF parameters ? 'code_challenge' AND parameters ->> 'code_challenge' !~ '^[A-Za-z0-9_-]{43}$'
       OR parameters ? 'code_challenge_method' AND NOT parameters ? 'code_challenge'
    THEN
        RETURN ARRAY['invalid_request', 'code_challenge is not the base64url of a SHA-256.'];
    END IF;
    IF asked.response_type ~ 'code' AND NOT parameters ? 'code_challenge'
       AND (client.token_endpoint_auth_method = 'none' OR issuer.require_pkce)
    THEN
        RETURN ARRAY['invalid_request', 'code_challenge is missing: the server requires PKCE.'];
    END IF;
    RETURN NULL;
END
$$;

CREATE FUNCTION oauth.scope_fault(issuer oauth.issuers, asked oauth.authorization_request) RETURNS text[]
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    -- RFC 6749 3.3: without a scope the request fails; a default would grant what
    -- nobody named.  A scope that was taken away since is nobody's any more.
    IF asked.scopes IS NULL
       OR NOT asked.scopes <@ (asked.client).scopes
       OR asked.scopes = '{}' AND (asked.client).scopes <> '{}'
       OR NOT asked.scopes <@ ARRAY(SELECT s.scope::text FROM oauth.scopes AS s WHERE s.issuer_id = issuer.issuer_id)
    THEN
        RETURN ARRAY['invalid_scope', 'The scopes are not among those the client may have.'];
    END IF;
    IF asked.resources IS NULL THEN
        RETURN ARRAY['invalid_target', 'The client may not have one of these resources.'];
    END IF;
    RETURN NULL;
END
$$;

-- OpenID Connect Core 1.0 3.1.2.1, 3.2.2.1, 5.5
CREATE FUNCTION oauth.openid_fault(issuer oauth.issuers, asked oauth.authorization_request) RETURNS text[]
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    parameters jsonb := asked.parameters;
BEGIN
    IF asked.response_type ~ 'id_token' AND NOT 'openid' = ANY (asked.scopes) THEN
        RETURN ARRAY['invalid_scope', 'An ID token needs the scope openid.'];
    END IF;
    IF asked.response_type ~ 'id_token' AND asked.nonce IS NULL THEN
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
    -- before anybody is asked to log in for nothing
    IF oauth.is_acr_essential(asked) AND NOT oauth.can_have_wanted_acr(issuer, asked) THEN
        RETURN ARRAY['unmet_authentication_requirements', 'No log-in here has an acr that is asked for.'];
    END IF;
    RETURN NULL;
END
$$;

-- The first fault, in this order: what the client may not do at all comes before how
-- it does it.
CREATE FUNCTION oauth.authorization_fault(issuer oauth.issuers, asked oauth.authorization_request) RETURNS text[]
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    RETURN coalesce(
        oauth.response_fault(asked),
        oauth.unsupported_fault(asked.parameters),
        oauth.pkce_fault(issuer, asked),
        oauth.scope_fault(issuer, asked),
        oauth.openid_fault(issuer, asked));
END
$$;

COMMENT ON FUNCTION oauth.response_fault(oauth.authorization_request) IS
    'Internal: what is wrong with response_type and response_mode';
COMMENT ON FUNCTION oauth.unsupported_fault(jsonb) IS
    'Internal: parameters that would change the request and are not supported';
COMMENT ON FUNCTION oauth.pkce_fault(oauth.issuers, oauth.authorization_request) IS
    'Internal: what is wrong with the code challenge (RFC 7636 4.3)';
COMMENT ON FUNCTION oauth.scope_fault(oauth.issuers, oauth.authorization_request) IS
    'Internal: what is wrong with scope and resource (RFC 6749 3.3, RFC 8707 2)';
COMMENT ON FUNCTION oauth.openid_fault(oauth.issuers, oauth.authorization_request) IS
    'Internal: what is wrong with the parameters of OpenID Connect';
COMMENT ON FUNCTION oauth.authorization_fault(oauth.issuers, oauth.authorization_request) IS
    'Internal: what is wrong with an authorization request, as {error, description}; NULL: nothing';

REVOKE ALL ON FUNCTION oauth.response_fault(oauth.authorization_request) FROM PUBLIC;
REVOKE ALL ON FUNCTION oauth.unsupported_fault(jsonb) FROM PUBLIC;
REVOKE ALL ON FUNCTION oauth.pkce_fault(oauth.issuers, oauth.authorization_request) FROM PUBLIC;
REVOKE ALL ON FUNCTION oauth.scope_fault(oauth.issuers, oauth.authorization_request) FROM PUBLIC;
REVOKE ALL ON FUNCTION oauth.openid_fault(oauth.issuers, oauth.authorization_request) FROM PUBLIC;
REVOKE ALL ON FUNCTION oauth.authorization_fault(oauth.issuers, oauth.authorization_request) FROM PUBLIC;
