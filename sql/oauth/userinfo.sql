-- What is told about a user (OpenID Connect Core 1.0 5).

-- OpenID Connect Core 1.0 5.4
CREATE FUNCTION oauth.scope_claims(scopes text[]) RETURNS text[]
LANGUAGE sql IMMUTABLE
RETURN CASE WHEN 'profile' = ANY (scopes) THEN
           '{name,family_name,given_name,middle_name,nickname,preferred_username,profile,picture,website,gender,birthdate,zoneinfo,locale,updated_at}'::text[]
           ELSE '{}' END
    || CASE WHEN 'email' = ANY (scopes) THEN '{email,email_verified}'::text[] ELSE '{}' END
    || CASE WHEN 'address' = ANY (scopes) THEN '{address}'::text[] ELSE '{}' END
    || CASE WHEN 'phone' = ANY (scopes) THEN '{phone_number,phone_number_verified}'::text[] ELSE '{}' END;

-- Claims by scope, and those that the claims parameter names one by one for
-- this place, userinfo or id_token (OpenID Connect Core 1.0 5.5).
CREATE FUNCTION oauth.user_claims(
    issuer        oauth.issuers,
    subject       text,
    scopes        text[],
    claims_request jsonb DEFAULT NULL,
    claims_target text DEFAULT 'userinfo'
) RETURNS jsonb
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    known jsonb;
    wanted text[] := oauth.scope_claims(scopes);
BEGIN
    SELECT oauth.json_of('preferred_username', u.username) || u.claims INTO known
    FROM oauth.users AS u
    WHERE u.issuer_id = issuer.issuer_id AND u.subject = user_claims.subject AND u.enabled;

    IF jsonb_typeof(claims_request -> claims_target) = 'object' THEN
        wanted := wanted || ARRAY(SELECT jsonb_object_keys(claims_request -> claims_target));
    END IF;

    -- What only the protocol says is no user's claim.
    RETURN coalesce(
        (SELECT jsonb_object_agg(k.key, k.value)
         FROM jsonb_each(known) AS k
         WHERE k.key = ANY (wanted)
           AND k.key <> ALL ('{iss,sub,aud,exp,iat,nbf,jti,nonce,auth_time,acr,amr,azp,sid,at_hash,c_hash}')),
        '{}');
END
$$;

CREATE FUNCTION oauth.userinfo_response(issuer oauth.issuers, client oauth.clients, claims jsonb) RETURNS oauth.response
LANGUAGE plpgsql VOLATILE
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    signer text;
BEGIN
    IF client.userinfo_signed_response_alg IS NULL THEN
        RETURN oauth.json_response(claims);
    END IF;

    SELECT k.kid INTO STRICT signer
    FROM jwt.keys AS k
    WHERE k.issuer = userinfo_response.issuer.issuer
      AND k.algorithm = client.userinfo_signed_response_alg
      AND k.state = 'active';
    RETURN oauth.make_response(200, 'application/jwt',
        jwt.issue(claims || jsonb_build_object('aud', client.client_id), issuer.issuer, kid => signer, type => 'JWT'),
        oauth.no_store());
END
$$;

-- OpenID Connect Core 1.0 5.3
CREATE FUNCTION oauth.serve_userinfo(request oauth.request, issuer oauth.issuers, parameters jsonb) RETURNS oauth.response
LANGUAGE plpgsql VOLATILE
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    token text := oauth.presented_token(request, parameters);
    token_claims jsonb;
    family oauth.token_families;
    client oauth.clients;
BEGIN
    IF token = '' THEN
        RETURN oauth.bearer_error('invalid_request', 'The access token belongs into the Authorization header.');
    END IF;
    -- RFC 6750 3.1: who shows nothing is told nothing but how.
    IF token IS NULL AND request.headers ->> 'authorization' IS NULL THEN
        RETURN oauth.json_response('{}', oauth.no_store() || '[{"WWW-Authenticate": "Bearer"}]'::jsonb, 401);
    END IF;

    token_claims := oauth.access_token_claims(issuer, token);
    IF token_claims IS NULL THEN
        RETURN oauth.bearer_error('invalid_token', 'The access token is expired, revoked or not one of ours.');
    END IF;
    IF NOT 'openid' = ANY (string_to_array(coalesce(token_claims ->> 'scope', ''), ' ')) THEN
        RETURN oauth.bearer_error('insufficient_scope', 'The access token lacks the scope openid.', 'openid');
    END IF;

    SELECT f.* INTO family
    FROM oauth.token_families AS f
    JOIN oauth.users AS u USING (issuer_id, subject)
    WHERE f.issuer_id = serve_userinfo.issuer.issuer_id
      AND f.family_id = (token_claims ->> 'family_id')::uuid
      AND f.revoked_at IS NULL
      AND u.enabled;
    SELECT c.* INTO client
    FROM oauth.clients AS c
    WHERE c.issuer_id = family.issuer_id AND c.client_id = family.client_id AND c.enabled;
    IF client.client_id IS NULL THEN
        RETURN oauth.bearer_error('invalid_token', 'The access token is expired, revoked or not one of ours.');
    END IF;

    RETURN oauth.userinfo_response(issuer, client,
        oauth.user_claims(issuer, family.subject, string_to_array(token_claims ->> 'scope', ' '), family.claims_request, 'userinfo')
        || jsonb_build_object('sub', token_claims ->> 'sub'));
END
$$;

INSERT INTO oauth.endpoints VALUES ('/userinfo', '{GET,HEAD,POST}', 'api', 'serve_userinfo', 'userinfo_endpoint');

COMMENT ON FUNCTION oauth.scope_claims(text[]) IS
    'Internal: the claims that the standard scopes stand for (OpenID Connect Core 1.0 5.4)';
COMMENT ON FUNCTION oauth.user_claims(oauth.issuers, text, text[], jsonb, text) IS
    'Internal: a user''s claims, by scope and by the claims parameter (OpenID Connect Core 1.0 5.4, 5.5)';
COMMENT ON FUNCTION oauth.userinfo_response(oauth.issuers, oauth.clients, jsonb) IS
    'Internal: claims as JSON or, where the client registered it, as a signed JWT (OpenID Connect Core 1.0 5.3.2)';
COMMENT ON FUNCTION oauth.serve_userinfo(oauth.request, oauth.issuers, jsonb) IS
    'Internal: /userinfo (OpenID Connect Core 1.0 5.3)';

REVOKE ALL ON FUNCTION oauth.scope_claims(text[]) FROM PUBLIC;
REVOKE ALL ON FUNCTION oauth.user_claims(oauth.issuers, text, text[], jsonb, text) FROM PUBLIC;
REVOKE ALL ON FUNCTION oauth.userinfo_response(oauth.issuers, oauth.clients, jsonb) FROM PUBLIC;
REVOKE ALL ON FUNCTION oauth.serve_userinfo(oauth.request, oauth.issuers, jsonb) FROM PUBLIC;
