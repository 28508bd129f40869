-- The account page: where a user is logged in, what has access, and the end of either.

CREATE FUNCTION oauth.account_page(issuer oauth.issuers, request oauth.request, session oauth.login_sessions) RETURNS oauth.response
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    texts jsonb := oauth.texts(issuer.ui_locale);
    common jsonb := texts || jsonb_build_object(
        'action', issuer.issuer || '/account',
        'csrf', oauth.csrf_token(oauth.cookie(issuer, request)));
    sessions text;
    grants text;
    username text;
BEGIN
    SELECT coalesce(u.username, u.subject) INTO username
    FROM oauth.users AS u
    WHERE u.issuer_id = session.issuer_id AND u.subject = session.subject;

    SELECT string_agg(
        oauth.render(
            oauth.template(issuer, 'account_session'),
            common || jsonb_build_object(
                'agent', coalesce(s.user_agent, '?'),
                'remote_addr', host(s.remote_addr),
                'since', (texts ->> 'text_since') || to_char(s.auth_time, ' YYYY-MM-DD HH24:MI'),
                'sid', s.sid),
            jsonb_build_object('here', CASE WHEN s.sid = session.sid
                THEN '<span class="tag">' || oauth.html_escape(texts ->> 'text_here') || '</span>' END)),
        '' ORDER BY s.auth_time DESC) INTO sessions
    FROM oauth.login_sessions AS s
    WHERE s.issuer_id = session.issuer_id
      AND s.subject = session.subject
      AND s.ended_at IS NULL
      AND s.expires_at > now()
      AND s.last_seen_at + issuer.session_idle_lifetime > now();

    SELECT string_agg(
        oauth.render(
            oauth.template(issuer, 'account_grant'),
            common || jsonb_build_object(
                'client_name', c.client_name,
                'client_id', c.client_id,
                'scopes', (SELECT string_agg(k.description, ', ' ORDER BY k.scope)
                           FROM oauth.scopes AS k
                           WHERE k.issuer_id = g.issuer_id AND k.scope = ANY (g.scopes)),
                'since', (texts ->> 'text_since') || to_char(g.created_at, ' YYYY-MM-DD'))),
        '' ORDER BY c.client_name) INTO grants
    FROM oauth.grants AS g
    JOIN oauth.clients AS c USING (issuer_id, client_id)
    WHERE g.issuer_id = session.issuer_id AND g.subject = session.subject AND g.revoked_at IS NULL;

    RETURN oauth.page(issuer, 'account',
        common || jsonb_build_object('username', username),
        jsonb_build_object(
            'sessions', sessions,
            'grants', grants,
            'no_grants', CASE WHEN grants IS NULL THEN '<p class="note">' || oauth.html_escape(texts ->> 'text_no_grants') || '</p>' END));
END
$$;

CREATE FUNCTION oauth.serve_account(request oauth.request, issuer oauth.issuers, parameters jsonb) RETURNS oauth.response
LANGUAGE plpgsql VOLATILE
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    session oauth.login_sessions := oauth.current_session(issuer, request);
BEGIN
    IF session.sid IS NULL THEN
        RETURN oauth.redirect_response(issuer.issuer || '/login');
    END IF;
    IF request.method <> 'POST' THEN
        RETURN oauth.account_page(issuer, request, session);
    END IF;
    IF NOT oauth.is_own_form(issuer, request, parameters) THEN
        RETURN oauth.error_page(issuer, 'access_denied', oauth.texts(issuer.ui_locale) ->> 'text_expired', 403);
    END IF;

    -- Each only among the user's own.
    PERFORM oauth.end_session(s.issuer_id, s.sid)
    FROM oauth.login_sessions AS s
    WHERE s.issuer_id = session.issuer_id
      AND s.subject = session.subject
      AND s.ended_at IS NULL
      AND (s.sid::text = parameters ->> 'end_session' OR parameters ? 'end_all');
    IF parameters ? 'revoke_grant' THEN
        PERFORM oauth.revoke_grant(session.issuer_id, session.subject, parameters ->> 'revoke_grant');
    END IF;
    PERFORM oauth.record_event(issuer.issuer_id, 'account_changed', subject => session.subject, remote_addr => request.remote_addr,
        detail => jsonb_strip_nulls(jsonb_build_object('end_session', parameters -> 'end_session',
            'end_all', parameters -> 'end_all', 'revoke_grant', parameters -> 'revoke_grant')));
    RETURN oauth.redirect_response(issuer.issuer || '/account');
END
$$;

INSERT INTO oauth.endpoints VALUES ('/account', '{GET,HEAD,POST}', 'page', 'serve_account');

COMMENT ON FUNCTION oauth.account_page(oauth.issuers, oauth.request, oauth.login_sessions) IS
    'Internal: the account page';
COMMENT ON FUNCTION oauth.serve_account(oauth.request, oauth.issuers, jsonb) IS
    'Internal: /account';

REVOKE ALL ON FUNCTION oauth.account_page(oauth.issuers, oauth.request, oauth.login_sessions) FROM PUBLIC;
REVOKE ALL ON FUNCTION oauth.serve_account(oauth.request, oauth.issuers, jsonb) FROM PUBLIC;
