-- By what means users have logged in, in a word on which server and clients agree:
-- the authentication context class, acr (OpenID Connect Core 1.0 2); and what clients
-- ask of it (OpenID Connect Core 1.0 3.1.2.1 and 5.5.1.1, RFC 9470).

-- Every acr that a log-in here can have; no other is stated.
CREATE FUNCTION oauth.acr_values_supported(issuer oauth.issuers) RETURNS text[]
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    RETURN ARRAY(
        SELECT a.acr
        FROM unnest(CASE WHEN issuer.authenticate_function IS NULL THEN issuer.acr_values[1:1] ELSE issuer.acr_values END) AS a (acr)
        UNION
        SELECT a.acr
        FROM oauth.identity_providers AS p
        JOIN jwt.issuers AS i ON i.issuer = p.foreign_issuer AND i.enabled,
             unnest(p.acr_values) AS a (acr)
        WHERE p.issuer_id = acr_values_supported.issuer.issuer_id AND p.enabled
        ORDER BY 1);
END
$$;

-- The claims parameter may say which value it wants (OpenID Connect Core 1.0 5.5.1).
CREATE FUNCTION oauth.is_wanted_value(wish jsonb, value text) RETURNS boolean
LANGUAGE sql IMMUTABLE
RETURN CASE
    WHEN wish ? 'value' THEN coalesce(wish ->> 'value' = value, false)
    WHEN wish ? 'values' THEN coalesce(wish -> 'values' ? value, false)
    ELSE true
END;

-- Is acr an essential claim?  Then it has a value that is wanted, or the log-in has
-- failed; by acr_values, or otherwise, it is no more than a wish (5.5.1.1).
CREATE FUNCTION oauth.is_acr_essential(asked oauth.authorization_request) RETURNS boolean
LANGUAGE sql IMMUTABLE
RETURN coalesce(asked.claims #> '{id_token,acr}' @> '{"essential": true}', false);

-- Is this an acr that the request asks for?  NULL: that of a log-in that has none.
CREATE FUNCTION oauth.is_wanted_acr(asked oauth.authorization_request, acr text) RETURNS boolean
LANGUAGE sql IMMUTABLE
RETURN CASE
    WHEN oauth.is_acr_essential(asked) THEN oauth.is_wanted_value(asked.claims #> '{id_token,acr}', acr)
    ELSE coalesce(asked.acr_values, '{}') = '{}' OR coalesce(acr = ANY (asked.acr_values), false)
END;

-- Can a log-in here have one?
CREATE FUNCTION oauth.can_have_wanted_acr(issuer oauth.issuers, asked oauth.authorization_request) RETURNS boolean
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    RETURN oauth.is_wanted_acr(asked, NULL) OR EXISTS (
        SELECT
        FROM unnest(oauth.acr_values_supported(issuer)) AS s (acr)
        WHERE oauth.is_wanted_acr(asked, s.acr));
END
$$;

COMMENT ON FUNCTION oauth.acr_values_supported(oauth.issuers) IS
    'Internal: every acr that a log-in at this issuer can have';
COMMENT ON FUNCTION oauth.is_wanted_value(jsonb, text) IS
    'Internal: is it a value the claims parameter asks for? (OpenID Connect Core 1.0 5.5.1)';
COMMENT ON FUNCTION oauth.is_acr_essential(oauth.authorization_request) IS
    'Internal: does the request insist on the acr it asks for? (OpenID Connect Core 1.0 5.5.1.1)';
COMMENT ON FUNCTION oauth.is_wanted_acr(oauth.authorization_request, text) IS
    'Internal: is it an acr that the request asks for?';
COMMENT ON FUNCTION oauth.can_have_wanted_acr(oauth.issuers, oauth.authorization_request) IS
    'Internal: can a log-in have an acr that the request asks for?';

REVOKE ALL ON FUNCTION oauth.acr_values_supported(oauth.issuers) FROM PUBLIC;
REVOKE ALL ON FUNCTION oauth.is_wanted_value(jsonb, text) FROM PUBLIC;
REVOKE ALL ON FUNCTION oauth.is_acr_essential(oauth.authorization_request) FROM PUBLIC;
REVOKE ALL ON FUNCTION oauth.is_wanted_acr(oauth.authorization_request, text) FROM PUBLIC;
REVOKE ALL ON FUNCTION oauth.can_have_wanted_acr(oauth.issuers, oauth.authorization_request) FROM PUBLIC;
