-- What the server says about itself: keys and metadata.  Nothing is advertised
-- that is not served, and what no client may use is left out.

-- Five minutes: a new key is published long before it signs.
CREATE FUNCTION oauth.public_response(body jsonb) RETURNS oauth.response
LANGUAGE sql STABLE
RETURN oauth.json_response(body, '[{"Cache-Control": "public, max-age=300"}]'::jsonb);

-- RFC 7517 5
CREATE FUNCTION oauth.serve_jwks(request oauth.request, issuer oauth.issuers, parameters jsonb) RETURNS oauth.response
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    RETURN oauth.public_response(jwt.jwks(issuer.issuer));
END
$$;

-- RFC 8414 2 and OpenID Connect Discovery 1.0 3, in one document.
CREATE FUNCTION oauth.metadata(issuer oauth.issuers) RETURNS jsonb
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    endpoints jsonb;
    grant_types text[];
    response_types text[];
    auth_methods text[];
    algorithms text[];
    scopes text[];
    client_algorithms constant text[] := string_to_array('RS256,RS384,RS512,PS256,PS384,PS512,ES256,ES384,ES512,EdDSA,Ed25519,Ed448', ',');
BEGIN
    SELECT jsonb_object_agg(e.metadata, issuer.issuer || e.path) INTO endpoints
    FROM oauth.endpoints AS e
    WHERE e.metadata IS NOT NULL;

    SELECT array_agg(DISTINCT g.name) FILTER (WHERE g.name IS NOT NULL), array_agg(DISTINCT c.token_endpoint_auth_method)
    INTO grant_types, auth_methods
    FROM oauth.clients AS c
    LEFT JOIN unnest(c.grant_types) AS g (name) ON true
    WHERE c.issuer_id = issuer.issuer_id AND c.enabled;

    IF 'urn:ietf:params:oauth:grant-type:device_code' = ANY (grant_types) IS NOT TRUE THEN
        endpoints := endpoints - 'device_authorization_endpoint';
    END IF;

    SELECT array_agg(DISTINCT r.name) INTO response_types
    FROM oauth.clients AS c, unnest(c.response_types) AS r (name)
    WHERE c.issuer_id = issuer.issuer_id AND c.enabled
      AND (r.name = 'code' OR 'implicit' = ANY (c.grant_types))
      AND (r.name !~ 'code' OR 'authorization_code' = ANY (c.grant_types));

    SELECT array_agg(DISTINCT k.algorithm) INTO algorithms
    FROM jwt.keys AS k
    WHERE k.issuer = metadata.issuer.issuer AND k.state = 'active';

    SELECT array_agg(s.scope ORDER BY s.scope) INTO scopes
    FROM oauth.scopes AS s
    WHERE s.issuer_id = issuer.issuer_id;

    RETURN endpoints || jsonb_strip_nulls(jsonb_build_object(
        'issuer', issuer.issuer,
        'scopes_supported', scopes,
        'response_types_supported', coalesce(response_types, '{code}'),
        'response_modes_supported', '{query,fragment,form_post}'::text[],
        'grant_types_supported', coalesce(grant_types, '{authorization_code,refresh_token}'),
        'code_challenge_methods_supported', '{S256}'::text[],
        'token_endpoint_auth_methods_supported', coalesce(auth_methods, '{client_secret_basic}'),
        'token_endpoint_auth_signing_alg_values_supported', CASE WHEN 'private_key_jwt' = ANY (auth_methods) THEN client_algorithms END,
        'revocation_endpoint_auth_methods_supported', coalesce(auth_methods, '{client_secret_basic}'),
        'introspection_endpoint_auth_methods_supported', coalesce(array_remove(auth_methods, 'none'), '{client_secret_basic}'),
        'acr_values_supported', nullif(oauth.acr_values_supported(issuer), '{}')))
        || jsonb_build_object(
        'authorization_response_iss_parameter_supported', true,
        'subject_types_supported', '{public,pairwise}'::text[],
        'id_token_signing_alg_values_supported', algorithms,
        'userinfo_signing_alg_values_supported', algorithms,
        'claim_types_supported', '{normal}'::text[],
        'claims_supported', '{sub,iss,aud,exp,iat,auth_time,nonce,acr,amr,sid}'::text[] || oauth.scope_claims('{profile,email,address,phone}'),
        'claims_parameter_supported', true,
        'request_parameter_supported', false,
        'request_uri_parameter_supported', false,
        'prompt_values_supported', '{none,login,consent,select_account}'::text[],
        'ui_locales_supported', ARRAY[issuer.ui_locale]);
END
$$;

CREATE FUNCTION oauth.serve_metadata(request oauth.request, issuer oauth.issuers, parameters jsonb) RETURNS oauth.response
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    RETURN oauth.public_response(oauth.metadata(issuer));
END
$$;

-- RFC 9728 2: of the resource named, or the default one.
CREATE FUNCTION oauth.serve_protected_resource(request oauth.request, issuer oauth.issuers, parameters jsonb) RETURNS oauth.response
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    found_resource oauth.resources;
    scopes text[];
BEGIN
    SELECT r.* INTO found_resource
    FROM oauth.resources AS r
    WHERE r.issuer_id = issuer.issuer_id
      AND r.resource = coalesce(parameters ->> 'resource', issuer.default_resource);
    IF found_resource.resource IS NULL THEN
        RETURN oauth.error_response('invalid_target', 'There is no such resource.', 404);
    END IF;

    SELECT array_agg(s.scope ORDER BY s.scope) INTO scopes
    FROM oauth.scopes AS s
    WHERE s.issuer_id = issuer.issuer_id AND s.resource = found_resource.resource;

    RETURN oauth.public_response(jsonb_strip_nulls(jsonb_build_object(
        'resource', found_resource.resource,
        'resource_name', found_resource.resource_name,
        'authorization_servers', ARRAY[issuer.issuer],
        'scopes_supported', scopes,
        'bearer_methods_supported', '{header}'::text[])));
END
$$;

INSERT INTO oauth.endpoints VALUES
    ('/.well-known/jwks.json', '{GET,HEAD}', 'api', 'serve_jwks', 'jwks_uri'),
    ('/.well-known/openid-configuration', '{GET,HEAD}', 'api', 'serve_metadata', NULL),
    ('/.well-known/oauth-authorization-server', '{GET,HEAD}', 'api', 'serve_metadata', NULL),
    ('/.well-known/oauth-protected-resource', '{GET,HEAD}', 'api', 'serve_protected_resource', NULL);

COMMENT ON FUNCTION oauth.public_response(jsonb) IS
    'Internal: a JSON response that caches may keep';
COMMENT ON FUNCTION oauth.serve_jwks(oauth.request, oauth.issuers, jsonb) IS
    'Internal: /.well-known/jwks.json (RFC 7517 5)';
COMMENT ON FUNCTION oauth.metadata(oauth.issuers) IS
    'Internal: the server''s metadata (RFC 8414 2, OpenID Connect Discovery 1.0 3)';
COMMENT ON FUNCTION oauth.serve_metadata(oauth.request, oauth.issuers, jsonb) IS
    'Internal: the two discovery documents (RFC 8414 3, OpenID Connect Discovery 1.0 4)';
COMMENT ON FUNCTION oauth.serve_protected_resource(oauth.request, oauth.issuers, jsonb) IS
    'Internal: protected resource metadata (RFC 9728 3)';

REVOKE ALL ON FUNCTION oauth.public_response(jsonb) FROM PUBLIC;
REVOKE ALL ON FUNCTION oauth.serve_jwks(oauth.request, oauth.issuers, jsonb) FROM PUBLIC;
REVOKE ALL ON FUNCTION oauth.metadata(oauth.issuers) FROM PUBLIC;
REVOKE ALL ON FUNCTION oauth.serve_metadata(oauth.request, oauth.issuers, jsonb) FROM PUBLIC;
REVOKE ALL ON FUNCTION oauth.serve_protected_resource(oauth.request, oauth.issuers, jsonb) FROM PUBLIC;
