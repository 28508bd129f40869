-- Access tokens as they come back: from a request, and what stands behind them.

-- RFC 6750 2: in the header, or in the form of a POST; never in a query.  NULL
-- when there is none; an empty string when it came by more ways than one.
CREATE FUNCTION oauth.presented_token(request oauth.request, parameters jsonb) RETURNS text
LANGUAGE sql IMMUTABLE
RETURN CASE
    WHEN request.method <> 'POST' AND parameters ? 'access_token' THEN ''
    WHEN request.query ~ '(^|&)access_token=' THEN ''
    WHEN request.headers ->> 'authorization' IS NULL THEN parameters ->> 'access_token'
    WHEN parameters ? 'access_token' THEN ''
    ELSE substring(request.headers ->> 'authorization' FROM '^[Bb][Ee][Aa][Rr][Ee][Rr] +([A-Za-z0-9._~+/-]+=*)$')
END;

-- What a token says of itself, to know by whose terms to verify it; whether it is
-- true, its signature tells.  NULL when it is no token.
CREATE FUNCTION oauth.unverified_claims(token text) RETURNS jsonb
LANGUAGE plpgsql IMMUTABLE
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    RETURN (jwt.decode(token)).payload;
EXCEPTION
    WHEN OTHERS THEN
        RETURN NULL;
END
$$;

-- The claims of an access token of this issuer that stands; NULL otherwise.
CREATE FUNCTION oauth.access_token_claims(issuer oauth.issuers, token text) RETURNS jsonb
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    claims jsonb;
BEGIN
    IF strpos(token, '.') > 0 THEN
        SELECT c.claims INTO claims
        FROM jwt.check(token, issuer => issuer.issuer, type => 'at+jwt') AS c
        WHERE c.valid;
    ELSE
        SELECT t.claims INTO claims
        FROM oauth.access_tokens AS t
        WHERE t.issuer_id = issuer.issuer_id
          AND t.token_hash = oauth.hash_token(access_token_claims.token)
          AND t.expires_at > statement_timestamp();
    END IF;

    IF claims IS NULL OR oauth.is_revoked(claims) THEN
        RETURN NULL;
    END IF;
    RETURN claims;
END
$$;

-- RFC 6750 3: what a resource server answers when it refuses.
CREATE FUNCTION oauth.bearer_error(error text, description text, scope text DEFAULT NULL) RETURNS oauth.response
LANGUAGE sql STABLE
RETURN oauth.error_response(
    error,
    description,
    CASE error WHEN 'invalid_request' THEN 400 WHEN 'insufficient_scope' THEN 403 ELSE 401 END,
    jsonb_build_array(jsonb_build_object('WWW-Authenticate', concat(
        'Bearer error="', error, '", error_description="', description, '"', ', scope="' || scope || '"')))
);

COMMENT ON FUNCTION oauth.presented_token(oauth.request, jsonb) IS
    'Internal: the bearer token of a request (RFC 6750 2); empty when it is presented wrongly';
COMMENT ON FUNCTION oauth.unverified_claims(text) IS
    'Internal: the claims of a token that nobody has verified yet; NULL when it is none';
COMMENT ON FUNCTION oauth.access_token_claims(oauth.issuers, text) IS
    'Internal: the claims of an access token that stands, else NULL';
COMMENT ON FUNCTION oauth.bearer_error(text, text, text) IS
    'Internal: a refusal with its WWW-Authenticate (RFC 6750 3)';

REVOKE ALL ON FUNCTION oauth.presented_token(oauth.request, jsonb) FROM PUBLIC;
REVOKE ALL ON FUNCTION oauth.unverified_claims(text) FROM PUBLIC;
REVOKE ALL ON FUNCTION oauth.access_token_claims(oauth.issuers, text) FROM PUBLIC;
REVOKE ALL ON FUNCTION oauth.bearer_error(text, text, text) FROM PUBLIC;
