-- The account page: where a user is logged in, what has access, and the end of either.

-- Which clients may do what for a user: by consent, and by tokens that need none.
CREATE FUNCTION oauth.access_held(issuer_id bigint, subject text)
RETURNS TABLE (client_id text, scopes text[], since timestamptz)
LANGUAGE sql STABLE
BEGIN ATOMIC
    SELECT held.client_id, array_agg(DISTINCT s.scope ORDER BY s.scope) FILTER (WHERE s.scope IS NOT NULL), min(held.since)
    FROM (
        SELECT g.client_id, g.scopes, g.created_at
        FROM oauth.grants AS g
        WHERE g.issuer_id = access_held.issuer_id AND g.subject = access_held.subject AND g.revoked_at IS NULL
        UNION ALL
        SELECT f.client_id, f.scopes, f.created_at
        FROM oauth.token_families AS f
        WHERE f.issuer_id = access_held.issuer_id AND f.subject = access_held.subject
          AND f.revoked_at IS NULL AND f.expires_at > now()
    ) AS held (client_id, scopes, since)
    LEFT JOIN LATERAL unnest(held.scopes) AS s (scope) ON true
    GROUP BY held.client_id;
END;

-- What people call it; the rest of a user agent's name tells them nothing.
CREATE FUNCTION oauth.browser_name(user_agent text) RETURNS text
LANGUAGE sql IMMUTABLE
RETURN coalesce(
    nullif(concat_ws(', ',
        CASE
            WHEN user_agent ~ 'Edg[eA/]' THEN 'Edge'
            WHEN user_agent ~ 'OPR/' THEN 'Opera'
            WHEN user_agent ~ 'Firefox/|FxiOS/' THEN 'Firefox'
            WHEN user_agent ~ 'Chrome/|CriOS/|Chromium/' THEN 'Chrome'
            WHEN user_agent ~ 'Version/.* Safari/' THEN 'Safari'
        END,
        CASE
            WHEN user_agent ~ 'Android' THEN 'Android'
            WHEN user_agent ~ 'iPhone' THEN 'iPhone'
            WHEN user_agent ~ 'iPad' THEN 'iPad'
            WHEN user_agent ~ 'Windows' THEN 'Windows'
            WHEN user_agent ~ 'Mac OS X' THEN 'macOS'
            WHEN user_agent ~ 'Linux|X11' THEN 'Linux'
        END), ''),
    left(user_agent, 60));

CREATE FUNCTION oauth.account_page(issuer oauth.issuers, request oauth.request, session oauth.login_sessions) RETURNS oauth.response
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    texts jsonb := oauth.texts(issuer);
    common jsonb := texts || jsonb_build_object(
        'action', issuer.issuer || '/account',
        'csrf', oauth.csrf_token(oauth.cookie(issuer, request)));
    sessions text;
    grants text;
BEGIN
    SELECT string_agg(
        oauth.render(
            oauth.template(account_page.issuer, 'account_session'),
            common || jsonb_build_object(
                'agent', coalesce(oauth.browser_name(s.user_agent), '?'),
                'remote_addr', host(s.remote_addr),
                'since', (texts ->> 'text_since') || to_char(s.auth_time AT TIME ZONE 'UTC', ' YYYY-MM-DD HH24:MI "UTC"'),
                'sid', s.sid),
            jsonb_build_object('here', CASE WHEN s.sid = session.sid
                THEN ' <span class="tag">' || oauth.html_escape(texts ->> 'text_here') || '</span>' END)),
        '' ORDER BY s.sid = session.sid DESC, s.auth_time DESC) INTO sessions
    FROM oauth.active_sessions AS s
    WHERE s.issuer = account_page.issuer.issuer AND s.subject = session.subject;

    SELECT string_agg(
        oauth.render(
            oauth.template(issuer, 'account_grant'),
            common || jsonb_build_object(
                'client_name', c.client_name,
                'client_id', c.client_id,
                'scopes', (SELECT string_agg(coalesce(texts ->> k.description, k.description, a.scope), ', ' ORDER BY a.scope)
                           FROM unnest(h.scopes) AS a (scope)
                           LEFT JOIN oauth.scopes AS k ON k.issuer_id = c.issuer_id AND k.scope = a.scope),
                'since', (texts ->> 'text_since') || to_char(h.since AT TIME ZONE 'UTC', ' YYYY-MM-DD'))),
        '' ORDER BY c.client_name, c.client_id) INTO grants
    FROM oauth.access_held(session.issuer_id, session.subject) AS h
    JOIN oauth.clients AS c ON c.issuer_id = session.issuer_id AND c.client_id = h.client_id;

    RETURN oauth.page(issuer, 'account',
        common || jsonb_build_object('username', oauth.shown_name(session.issuer_id, session.subject)),
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
    ended uuid;
BEGIN
    IF session.sid IS NULL THEN
        RETURN oauth.redirect_response(issuer.issuer || '/login');
    END IF;
    IF request.method <> 'POST' THEN
        RETURN oauth.account_page(issuer, request, session);
    END IF;
    IF NOT oauth.is_own_form(issuer, request, parameters) THEN
        RETURN oauth.error_page(issuer, 'access_denied', 'text_expired', 403);
    END IF;

    -- Each only among the user's own.
    FOR ended IN
        SELECT s.sid
        FROM oauth.login_sessions AS s
        WHERE s.issuer_id = session.issuer_id
          AND s.subject = session.subject
          AND s.ended_at IS NULL
          AND (s.sid::text = parameters ->> 'end_session' OR parameters ? 'end_all')
    LOOP
        PERFORM oauth.end_session(session.issuer_id, ended);
        PERFORM oauth.record_event(issuer.issuer_id, 'session_ended', subject => session.subject, remote_addr => request.remote_addr,
            detail => jsonb_build_object('sid', ended));
    END LOOP;
    IF parameters ? 'revoke_grant' THEN
        PERFORM oauth.revoke_grant(session.subject, parameters ->> 'revoke_grant', issuer.issuer);
    END IF;
    RETURN oauth.redirect_response(issuer.issuer || '/account');
END
$$;

INSERT INTO oauth.endpoints VALUES ('/account', '{GET,HEAD,POST}', 'page', 'serve_account');

COMMENT ON FUNCTION oauth.access_held(bigint, text) IS
    'Internal: which clients may do what for a user';
COMMENT ON FUNCTION oauth.browser_name(text) IS
    'Internal: a user agent as people know it';
COMMENT ON FUNCTION oauth.account_page(oauth.issuers, oauth.request, oauth.login_sessions) IS
    'Internal: the account page';
COMMENT ON FUNCTION oauth.serve_account(oauth.request, oauth.issuers, jsonb) IS
    'Internal: /account';

REVOKE ALL ON FUNCTION oauth.access_held(bigint, text) FROM PUBLIC;
REVOKE ALL ON FUNCTION oauth.browser_name(text) FROM PUBLIC;
REVOKE ALL ON FUNCTION oauth.account_page(oauth.issuers, oauth.request, oauth.login_sessions) FROM PUBLIC;
REVOKE ALL ON FUNCTION oauth.serve_account(oauth.request, oauth.issuers, jsonb) FROM PUBLIC;
