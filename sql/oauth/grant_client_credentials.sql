-- The client credentials grant (RFC 6749 4.4): a client for itself.

CREATE FUNCTION oauth.user_scopes() RETURNS text[]
LANGUAGE sql IMMUTABLE
RETURN '{openid,profile,email,address,phone,offline_access}'::text[];

-- What is in the first and not in the second, in its order.
CREATE FUNCTION oauth.array_difference(whole text[], part text[]) RETURNS text[]
LANGUAGE plpgsql IMMUTABLE
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    RETURN ARRAY(SELECT w.value FROM unnest(whole) WITH ORDINALITY AS w (value, n) WHERE w.value <> ALL (part) ORDER BY w.n);
END
$$;

-- There is no user to know, and nobody to stay connected for.
CREATE FUNCTION oauth.scopes_without_user(client oauth.clients) RETURNS text[]
LANGUAGE sql IMMUTABLE
RETURN CASE
    WHEN client.scopes && oauth.user_scopes() THEN oauth.array_difference(client.scopes, oauth.user_scopes())
    ELSE client.scopes
END;

CREATE FUNCTION oauth.grant_client_credentials(
    request    oauth.request,
    issuer     oauth.issuers,
    client     oauth.clients,
    parameters jsonb
) RETURNS oauth.response
LANGUAGE plpgsql VOLATILE
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    allowed text[] := oauth.scopes_without_user(client);
    scopes text[] := oauth.requested_scopes(parameters);
    resources text[] := oauth.requested_resources(issuer, client, parameters);
    issued oauth.issued_token;
BEGIN
    IF client.token_endpoint_auth_method = 'none' THEN
        RETURN oauth.error_response('unauthorized_client', 'A public client cannot act for itself.');
    END IF;
    IF scopes IS NULL OR NOT scopes <@ allowed THEN
        RETURN oauth.error_response('invalid_scope', 'The client may not have one of these scopes.');
    END IF;
    IF resources IS NULL THEN
        RETURN oauth.error_response('invalid_target', 'The client may not have one of these resources.');
    END IF;
    IF scopes = '{}' THEN
        scopes := allowed;
    END IF;

    issued := oauth.issue_access_token(issuer, client, NULL, scopes, resources);
    PERFORM oauth.record_event(issuer.issuer_id, 'token_issued', client.client_id,
        remote_addr => request.remote_addr, detail => '{"grant_type": "client_credentials"}');
    RETURN oauth.token_response(issued, scopes);
END
$$;

INSERT INTO oauth.grant_types VALUES ('client_credentials', 'grant_client_credentials');

COMMENT ON FUNCTION oauth.user_scopes() IS
    'Internal: scopes that tell of a user (OpenID Connect Core 1.0 5.4 and 11)';
COMMENT ON FUNCTION oauth.array_difference(text[], text[]) IS
    'Internal: the elements of the first that are not in the second';
COMMENT ON FUNCTION oauth.scopes_without_user(oauth.clients) IS
    'Internal: a client''s scopes but for those that tell of a user';
COMMENT ON FUNCTION oauth.grant_client_credentials(oauth.request, oauth.issuers, oauth.clients, jsonb) IS
    'Internal: the client credentials grant (RFC 6749 4.4)';

REVOKE ALL ON FUNCTION oauth.user_scopes() FROM PUBLIC;
REVOKE ALL ON FUNCTION oauth.array_difference(text[], text[]) FROM PUBLIC;
REVOKE ALL ON FUNCTION oauth.scopes_without_user(oauth.clients) FROM PUBLIC;
REVOKE ALL ON FUNCTION oauth.grant_client_credentials(oauth.request, oauth.issuers, oauth.clients, jsonb) FROM PUBLIC;
