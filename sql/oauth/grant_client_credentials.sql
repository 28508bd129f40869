-- The client credentials grant (RFC 6749 4.4): a client for itself.

-- There is no user to know, and nobody to stay connected for.
CREATE FUNCTION oauth.scopes_without_user(client oauth.clients) RETURNS text[]
LANGUAGE plpgsql IMMUTABLE
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    of_users constant text[] := '{openid,profile,email,address,phone,offline_access}'::text[];
BEGIN
    IF NOT client.scopes && of_users THEN
        RETURN client.scopes;
    END IF;
    RETURN ARRAY(SELECT s FROM unnest(client.scopes) AS s WHERE s <> ALL (of_users));
END
$$;

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
    scopes text[] := oauth.scope_list(parameters ->> 'scope');
    resources text[] := oauth.requested_resources(client, parameters);
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

COMMENT ON FUNCTION oauth.scopes_without_user(oauth.clients) IS
    'Internal: a client''s scopes but for those that tell of a user';
COMMENT ON FUNCTION oauth.grant_client_credentials(oauth.request, oauth.issuers, oauth.clients, jsonb) IS
    'Internal: the client credentials grant (RFC 6749 4.4)';

REVOKE ALL ON FUNCTION oauth.scopes_without_user(oauth.clients) FROM PUBLIC;
REVOKE ALL ON FUNCTION oauth.grant_client_credentials(oauth.request, oauth.issuers, oauth.clients, jsonb) FROM PUBLIC;
