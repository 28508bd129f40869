-- The browser's session: a cookie of 256 random bits.  Before a log-in it ties a
-- form to the browser that was shown it; at log-in it is replaced by another,
-- whose hash stands in oauth.login_sessions.

-- A prefix that the browser enforces (RFC 6265bis 4.1.3): __Host- where the issuer
-- has the whole host, __Secure- below a path; neither is possible without TLS.
CREATE FUNCTION oauth.cookie_name(issuer oauth.issuers) RETURNS text
LANGUAGE sql IMMUTABLE
RETURN CASE
    WHEN issuer.issuer ~ '^https://[^/]+$' THEN '__Host-oauth_session'
    WHEN issuer.issuer ~ '^https://' THEN '__Secure-oauth_session'
    ELSE 'oauth_session'
END;

CREATE FUNCTION oauth.set_cookie(issuer oauth.issuers, value text) RETURNS jsonb
LANGUAGE sql IMMUTABLE
RETURN jsonb_build_array(jsonb_build_object('Set-Cookie', concat(
    oauth.cookie_name(issuer), '=', value,
    '; Path=', coalesce(substring(issuer.issuer FROM '^https?://[^/]+(/.*)$'), '/'),
    '; HttpOnly; SameSite=Lax',
    CASE WHEN issuer.issuer ~ '^https://' THEN '; Secure' END)));

CREATE FUNCTION oauth.clear_cookie(issuer oauth.issuers) RETURNS jsonb
LANGUAGE sql IMMUTABLE
RETURN jsonb_build_array(jsonb_build_object('Set-Cookie', (oauth.set_cookie(issuer, '') #>> '{0,Set-Cookie}') || '; Max-Age=0'));

-- NULL when the browser has none, or something that is none of ours.
CREATE FUNCTION oauth.cookie(issuer oauth.issuers, request oauth.request) RETURNS text
LANGUAGE sql IMMUTABLE
RETURN substring(request.headers ->> 'cookie' FROM '(?:^|; ?)' || oauth.cookie_name(issuer) || '=([A-Za-z0-9_-]{43})(?:;|$)');

-- Who cannot read the cookie cannot name this.
CREATE FUNCTION oauth.csrf_token(cookie text) RETURNS text
LANGUAGE sql IMMUTABLE
RETURN oauth.base64url(oauth.hash_token('csrf:' || cookie));

-- What ties a foreign issuer's token to this browser.  That issuer sees it, so it is
-- another than the one that our own forms are known by.
CREATE FUNCTION oauth.login_nonce(cookie text) RETURNS text
LANGUAGE sql IMMUTABLE
RETURN oauth.base64url(oauth.hash_token('nonce:' || cookie));

CREATE FUNCTION oauth.is_own_form(issuer oauth.issuers, request oauth.request, parameters jsonb) RETURNS boolean
LANGUAGE sql IMMUTABLE
RETURN coalesce(oauth.equal(
    convert_to(oauth.csrf_token(oauth.cookie(issuer, request)), 'UTF8'),
    convert_to(parameters ->> 'csrf', 'UTF8')), false);

-- The session that stands, neither ended, expired nor idle; all NULL when nobody is logged in.
CREATE FUNCTION oauth.current_session(issuer oauth.issuers, request oauth.request) RETURNS oauth.login_sessions
LANGUAGE plpgsql VOLATILE
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    session oauth.login_sessions;
BEGIN
    SELECT s.* INTO session
    FROM oauth.login_sessions AS s
    JOIN oauth.users AS u USING (issuer_id, subject)
    WHERE s.issuer_id = issuer.issuer_id
      AND s.session_hash = oauth.hash_token(oauth.cookie(issuer, request))
      AND s.ended_at IS NULL
      AND s.expires_at > clock_timestamp()
      AND s.last_seen_at + issuer.session_idle_lifetime > clock_timestamp()
      AND u.enabled;

    -- Not at every click: a minute is exact enough, and saves the write.
    IF session.last_seen_at < clock_timestamp() - interval '1 minute' THEN
        UPDATE oauth.login_sessions AS s
        SET last_seen_at = clock_timestamp()
        WHERE s.issuer_id = session.issuer_id AND s.session_hash = session.session_hash;
    END IF;
    RETURN session;
END
$$;

CREATE FUNCTION oauth.end_session(issuer_id bigint, sid uuid) RETURNS void
LANGUAGE plpgsql VOLATILE
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    ended_subject text;
BEGIN
    UPDATE oauth.login_sessions AS s
    SET ended_at = clock_timestamp()
    WHERE s.issuer_id = end_session.issuer_id AND s.sid = end_session.sid AND s.ended_at IS NULL
    RETURNING s.subject INTO ended_subject;

    -- under each name that a token may give it
    PERFORM oauth.revoke(end_session.issuer_id, 'session', known.sid::text)
    FROM (
        SELECT end_session.sid
        UNION
        SELECT oauth.sid_for(c, end_session.sid)
        FROM oauth.token_families AS f
        JOIN oauth.clients AS c USING (issuer_id, client_id)
        WHERE f.issuer_id = end_session.issuer_id AND f.subject = ended_subject AND f.sid = end_session.sid
    ) AS known (sid);

    -- What the user lets go on without being there goes on (OpenID Connect Back-Channel
    -- Logout 1.0 2.7): the access tokens that name the session end, but the family can
    -- be refreshed to ones that name none.
    PERFORM oauth.revoke_family(f.issuer_id, f.family_id)
    FROM oauth.token_families AS f
    WHERE f.issuer_id = end_session.issuer_id
      AND f.subject = ended_subject
      AND f.sid = end_session.sid
      AND f.revoked_at IS NULL
      AND NOT 'offline_access' = ANY (f.scopes);
END
$$;

-- The new cookie.  What the browser had before is worth nothing from now on, so
-- nobody can plant a session to find it logged in later.  Who logs in again goes on
-- with the same sid, so that a log-out ends what came before as well; somebody
-- else's session ends.  Everything else is the new log-in's: one by password does
-- not keep the acr of a stronger one.
CREATE FUNCTION oauth.start_session(
    issuer    oauth.issuers,
    request   oauth.request,
    subject   text,
    amr       text[],
    auth_time timestamptz DEFAULT clock_timestamp(),
    acr       text DEFAULT NULL
) RETURNS text
LANGUAGE plpgsql VOLATILE
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    token text := oauth.random_token();
    old oauth.login_sessions := oauth.current_session(issuer, request);
BEGIN
    IF old.subject = start_session.subject THEN
        UPDATE oauth.login_sessions AS s
        SET session_hash = oauth.hash_token(token),
            auth_time = start_session.auth_time,
            amr = start_session.amr,
            acr = start_session.acr,
            remote_addr = request.remote_addr,
            user_agent = left(request.headers ->> 'user-agent', 200),
            last_seen_at = clock_timestamp(),
            expires_at = clock_timestamp() + issuer.session_lifetime
        WHERE s.issuer_id = old.issuer_id AND s.session_hash = old.session_hash;
        RETURN token;
    END IF;

    IF old.sid IS NOT NULL THEN
        PERFORM oauth.end_session(old.issuer_id, old.sid);
    END IF;
    INSERT INTO oauth.login_sessions (issuer_id, session_hash, subject, auth_time, amr, acr, remote_addr, user_agent, expires_at)
    VALUES (issuer.issuer_id, oauth.hash_token(token), start_session.subject, start_session.auth_time, start_session.amr,
            start_session.acr, request.remote_addr, left(request.headers ->> 'user-agent', 200), clock_timestamp() + issuer.session_lifetime);
    RETURN token;
END
$$;

-- A request that a page carries on: only ever the query of our own /authorize,
-- so it is a well-formed query or nothing.
CREATE FUNCTION oauth.carried_request(parameters jsonb) RETURNS text
LANGUAGE sql IMMUTABLE
RETURN CASE
    WHEN parameters ->> 'request' ~ '^[\x21\x22\x24-\x7e]+$'
         AND oauth.parse_form(convert_to(parameters ->> 'request', 'UTF8')) IS NOT NULL
    THEN parameters ->> 'request'
END;

-- What the user has just done is not asked for again.
CREATE FUNCTION oauth.without_prompt(query text, VARIADIC done text[]) RETURNS text
LANGUAGE sql IMMUTABLE
RETURN (
    SELECT string_agg(kept.part, '&' ORDER BY kept.n)
    FROM (
        SELECT q.n,
               CASE WHEN q.part !~ '^prompt=' THEN q.part ELSE (
                   SELECT 'prompt=' || oauth.form_encode(string_agg(w, ' '))
                   FROM string_to_table(oauth.parse_form(convert_to(q.part, 'UTF8')) ->> 'prompt', ' ') AS w
                   WHERE w <> ALL (done))
               END AS part
        FROM string_to_table(query, '&') WITH ORDINALITY AS q (part, n)
    ) AS kept
    WHERE kept.part IS NOT NULL
);

COMMENT ON FUNCTION oauth.cookie_name(oauth.issuers) IS
    'Internal: the name of the session cookie';
COMMENT ON FUNCTION oauth.set_cookie(oauth.issuers, text) IS
    'Internal: the header that sets the session cookie';
COMMENT ON FUNCTION oauth.clear_cookie(oauth.issuers) IS
    'Internal: the header that takes the session cookie away';
COMMENT ON FUNCTION oauth.cookie(oauth.issuers, oauth.request) IS
    'Internal: the session cookie of a request';
COMMENT ON FUNCTION oauth.csrf_token(text) IS
    'Internal: what a form shown to this browser carries';
COMMENT ON FUNCTION oauth.login_nonce(text) IS
    'Internal: the nonce for foreign issuers that belongs to a cookie';
COMMENT ON FUNCTION oauth.is_own_form(oauth.issuers, oauth.request, jsonb) IS
    'Internal: was this form shown to this browser by us?';
COMMENT ON FUNCTION oauth.current_session(oauth.issuers, oauth.request) IS
    'Internal: the log-in session of a request';
COMMENT ON FUNCTION oauth.end_session(bigint, uuid) IS
    'Internal: end a session and the tokens that hang on it';
COMMENT ON FUNCTION oauth.start_session(oauth.issuers, oauth.request, text, text[], timestamptz, text) IS
    'Internal: begin a session; the new cookie';
COMMENT ON FUNCTION oauth.carried_request(jsonb) IS
    'Internal: the authorization request that a page carries on';
COMMENT ON FUNCTION oauth.without_prompt(text, text[]) IS
    'Internal: an authorization request without prompts that are done';

REVOKE ALL ON FUNCTION oauth.cookie_name(oauth.issuers) FROM PUBLIC;
REVOKE ALL ON FUNCTION oauth.set_cookie(oauth.issuers, text) FROM PUBLIC;
REVOKE ALL ON FUNCTION oauth.clear_cookie(oauth.issuers) FROM PUBLIC;
REVOKE ALL ON FUNCTION oauth.cookie(oauth.issuers, oauth.request) FROM PUBLIC;
REVOKE ALL ON FUNCTION oauth.csrf_token(text) FROM PUBLIC;
REVOKE ALL ON FUNCTION oauth.login_nonce(text) FROM PUBLIC;
REVOKE ALL ON FUNCTION oauth.is_own_form(oauth.issuers, oauth.request, jsonb) FROM PUBLIC;
REVOKE ALL ON FUNCTION oauth.current_session(oauth.issuers, oauth.request) FROM PUBLIC;
REVOKE ALL ON FUNCTION oauth.end_session(bigint, uuid) FROM PUBLIC;
REVOKE ALL ON FUNCTION oauth.start_session(oauth.issuers, oauth.request, text, text[], timestamptz, text) FROM PUBLIC;
REVOKE ALL ON FUNCTION oauth.carried_request(jsonb) FROM PUBLIC;
REVOKE ALL ON FUNCTION oauth.without_prompt(text, text[]) FROM PUBLIC;
