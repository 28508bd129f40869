-- Logging out (OpenID Connect RP-Initiated Logout 1.0).

CREATE FUNCTION oauth.serve_logout(request oauth.request, issuer oauth.issuers, parameters jsonb) RETURNS oauth.response
LANGUAGE plpgsql VOLATILE
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    session oauth.login_sessions := oauth.current_session(issuer, request);
    uri text := parameters ->> 'post_logout_redirect_uri';
    asking_client text := parameters ->> 'client_id';
    hint jsonb;
    headers jsonb := '[]'::jsonb;
BEGIN
    IF parameters ? 'id_token_hint' THEN
        hint := oauth.hinted_claims(issuer, parameters ->> 'id_token_hint');
        IF hint IS NULL OR asking_client <> hint ->> 'aud' THEN
            RETURN oauth.error_page(issuer, 'invalid_request', 'The ID token is not one of this application''s.');
        END IF;
        asking_client := hint ->> 'aud';
    END IF;

    -- An exact match or none at all: no open redirect.
    IF uri IS NOT NULL AND NOT EXISTS (
        SELECT
        FROM oauth.clients AS c
        WHERE c.issuer_id = issuer.issuer_id
          AND c.client_id = asking_client
          AND c.enabled
          AND uri = ANY (c.post_logout_redirect_uris))
    THEN
        RETURN oauth.error_page(issuer, 'invalid_request', 'The address to return to is not one of the application''s.');
    END IF;

    -- As at /authorize: a POST from the client's site comes without our SameSite
    -- cookie, and must not say that somebody is logged out who is not.
    IF request.method = 'POST' AND oauth.cookie(issuer, request) IS NULL THEN
        RETURN oauth.redirect_response(issuer.issuer || '/logout?' || oauth.query_of(parameters));
    END IF;

    IF session.sid IS NOT NULL THEN
        -- Anybody can send a browser here, so without a hint of this very log-in the user is asked.
        IF NOT EXISTS (
               SELECT
               FROM oauth.clients AS c
               WHERE c.issuer_id = issuer.issuer_id
                 AND c.client_id = hint ->> 'aud'
                 AND oauth.sid_for(c, session.sid)::text = hint ->> 'sid')
           AND NOT (request.method = 'POST' AND oauth.is_own_form(issuer, request, parameters))
        THEN
            RETURN oauth.page(issuer, 'logout',
                jsonb_build_object(
                    'action', issuer.issuer || '/logout',
                    'csrf', oauth.csrf_token(oauth.cookie(issuer, request)),
                    'client_id', asking_client,
                    'uri', uri,
                    'state', parameters ->> 'state'),
                form_target => uri);
        END IF;
        PERFORM oauth.end_session(session.issuer_id, session.sid);
        PERFORM oauth.record_event(issuer.issuer_id, 'logout', asking_client, session.subject, request.remote_addr);
        headers := oauth.clear_cookie(issuer);
    END IF;

    IF uri IS NULL THEN
        RETURN oauth.page(issuer, 'logged_out', jsonb_build_object('account', issuer.issuer || '/account'), headers => headers);
    END IF;
    RETURN oauth.redirect_response(
        uri || coalesce(CASE WHEN strpos(uri, '?') > 0 THEN '&' ELSE '?' END
                        || nullif(oauth.form_of('state', parameters ->> 'state'), ''), ''),
        headers);
END
$$;

INSERT INTO oauth.endpoints VALUES ('/logout', '{GET,HEAD,POST}', 'page', 'serve_logout', 'end_session_endpoint');

COMMENT ON FUNCTION oauth.serve_logout(oauth.request, oauth.issuers, jsonb) IS
    'Internal: /logout (OpenID Connect RP-Initiated Logout 1.0)';

REVOKE ALL ON FUNCTION oauth.serve_logout(oauth.request, oauth.issuers, jsonb) FROM PUBLIC;
