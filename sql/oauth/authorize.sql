-- The authorization endpoint (RFC 6749 3.1, OpenID Connect Core 1.0 3.1.2).

-- Which log-in an id_token_hint speaks of; NULL when it is no ID token of ours.  An
-- expired one still tells (OpenID Connect Core 1.0 3.1.2.1, RP-Initiated Logout 1.0 4).
CREATE FUNCTION oauth.hinted_claims(issuer oauth.issuers, id_token text) RETURNS jsonb
LANGUAGE sql STABLE
RETURN (
    SELECT c.claims
    FROM jwt.check(id_token, jwt.jwks(issuer.issuer), issuer => issuer.issuer, type => 'JWT', leeway => '100 years') AS c
    WHERE c.valid
);

-- What stands between this request and its answer: login_required,
-- consent_required, or NULL.
CREATE FUNCTION oauth.interaction_needed(issuer oauth.issuers, asked oauth.authorization_request, session oauth.login_sessions) RETURNS text
LANGUAGE plpgsql VOLATILE
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    IF session.sid IS NULL OR asked.prompt && '{login,select_account}' THEN
        RETURN 'login_required';
    END IF;
    IF asked.max_age IS NOT NULL AND session.auth_time + make_interval(secs => asked.max_age) < clock_timestamp() THEN
        RETURN 'login_required';
    END IF;
    -- another log-in may be by better means
    IF NOT oauth.is_wanted_acr(asked, session.acr) AND oauth.can_have_wanted_acr(issuer, asked) THEN
        RETURN 'login_required';
    END IF;
    IF 'consent' = ANY (asked.prompt) OR NOT oauth.has_consent(asked, session.subject) THEN
        RETURN 'consent_required';
    END IF;
    RETURN NULL;
END
$$;

-- Why the client must not have an answer for this user, as {error, description};
-- NULL: it may.  Logging in again would not help, so nobody is sent there.
CREATE FUNCTION oauth.user_fault(issuer oauth.issuers, asked oauth.authorization_request, session oauth.login_sessions) RETURNS text[]
LANGUAGE plpgsql VOLATILE
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    subject text := oauth.subject_for(asked.client, session.subject);
    hint text := asked.parameters ->> 'id_token_hint';
BEGIN
    -- OpenID Connect Core 1.0 3.1.2.1, 3.1.2.2: another user than the client means
    IF hint IS NOT NULL AND oauth.hinted_claims(issuer, hint) ->> 'sub' IS DISTINCT FROM subject
       OR NOT oauth.is_wanted_value(asked.claims #> '{id_token,sub}', subject)
    THEN
        RETURN ARRAY['login_required', 'Another user is logged in.'];
    END IF;
    RETURN NULL;
END
$$;

-- Parameters as a query again.
CREATE FUNCTION oauth.query_of(parameters jsonb) RETURNS text
LANGUAGE sql IMMUTABLE
RETURN (
    SELECT coalesce(string_agg(oauth.form_of(p.name, v.value), '&' ORDER BY p.name, v.n), '')
    FROM jsonb_each(parameters) AS p (name, value),
         unnest(oauth.parameter_list(p.value)) WITH ORDINALITY AS v (value, n)
);

-- Everything is settled: a family of tokens begins, and the client is answered.
CREATE FUNCTION oauth.authorize(
    request oauth.request,
    issuer  oauth.issuers,
    asked   oauth.authorization_request,
    session oauth.login_sessions
) RETURNS oauth.response
LANGUAGE plpgsql VOLATILE
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    client oauth.clients := asked.client;
    family oauth.token_families;
    issued oauth.issued_token;
    consent uuid;
    code text;
    id_token text;
BEGIN
    -- Locked, so that who takes it back meanwhile waits, and then finds the family.
    SELECT g.grant_id INTO consent
    FROM oauth.grants AS g
    WHERE g.issuer_id = issuer.issuer_id
      AND g.subject = session.subject
      AND g.client_id = client.client_id
      AND g.revoked_at IS NULL
    FOR SHARE;
    IF consent IS NULL AND client.require_consent THEN
        RETURN oauth.authorization_error(issuer, asked, 'access_denied', 'The user has taken the consent back.');
    END IF;

    INSERT INTO oauth.token_families AS f (
        issuer_id, client_id, subject, grant_id, sid, scopes, resources, nonce, auth_time, acr, amr, claims_request, expires_at)
    VALUES (
        issuer.issuer_id, client.client_id, session.subject, consent, session.sid, asked.scopes, asked.resources,
        asked.nonce, session.auth_time, session.acr, session.amr, asked.claims,
        clock_timestamp() + oauth.family_lifetime(issuer, client, asked.scopes))
    RETURNING f.* INTO family;

    IF asked.response_type ~ 'code' THEN
        code := oauth.random_token();
        INSERT INTO oauth.authorization_codes (issuer_id, code_hash, client_id, family_id, redirect_uri, code_challenge, expires_at)
        VALUES (issuer.issuer_id, oauth.hash_token(code), client.client_id, family.family_id,
                asked.parameters ->> 'redirect_uri', asked.code_challenge, clock_timestamp() + issuer.code_lifetime);
    END IF;
    IF asked.response_type ~ '\mtoken\M' THEN
        issued := oauth.issue_access_token(issuer, client, family, family.scopes, family.resources);
    END IF;
    IF asked.response_type ~ 'id_token' THEN
        -- without an access token there is no userinfo to ask (OpenID Connect Core 1.0 5.4)
        id_token := oauth.issue_id_token(issuer, client, family, issued.token, code,
            oauth.user_claims(issuer, family.subject, CASE asked.response_type WHEN 'id_token' THEN family.scopes ELSE '{}' END,
                              family.claims_request, 'id_token'));
    END IF;

    -- RFC 9700 2.1.2: the implicit grant, and any access token by way of the browser
    PERFORM oauth.record_event(issuer.issuer_id,
        CASE WHEN asked.response_type IN ('code', 'code id_token') THEN 'authorized' ELSE 'authorized_legacy' END,
        client.client_id, session.subject, request.remote_addr,
        jsonb_build_object('family_id', family.family_id, 'response_type', asked.response_type));
    RETURN oauth.authorization_response(issuer, asked,
        'code', code,
        'access_token', issued.token,
        'token_type', CASE WHEN issued.token IS NOT NULL THEN 'Bearer' END,
        'expires_in', issued.expires_in::text,
        'scope', CASE WHEN asked.scopes <> '{}' THEN array_to_string(issued.scopes, ' ') END,
        'id_token', id_token);
END
$$;

-- The answer to a request that is good, or the page that comes before it.  carried is
-- the request as that page carries it on; consented, that the user has consented to it
-- just now.
CREATE FUNCTION oauth.answer_request(
    request   oauth.request,
    issuer    oauth.issuers,
    asked     oauth.authorization_request,
    session   oauth.login_sessions,
    carried   text,
    consented boolean DEFAULT false
) RETURNS oauth.response
LANGUAGE plpgsql VOLATILE
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    needed text := oauth.interaction_needed(issuer, asked, session);
    fault text[];
BEGIN
    IF needed IS DISTINCT FROM 'login_required' THEN
        fault := oauth.user_fault(issuer, asked, session);
        IF fault IS NOT NULL THEN
            RETURN oauth.authorization_error(issuer, asked, fault[1], fault[2]);
        END IF;
    END IF;
    IF needed IS NULL OR needed = 'consent_required' AND consented THEN
        RETURN oauth.authorize(request, issuer, asked, session);
    END IF;
    IF 'none' = ANY (asked.prompt) THEN
        RETURN oauth.authorization_error(issuer, asked, needed, 'The user would have to be asked.');
    END IF;
    RETURN oauth.redirect_response(
        issuer.issuer || CASE needed WHEN 'login_required' THEN '/login?' ELSE '/consent?' END
        || oauth.form_of('request', carried));
END
$$;

CREATE FUNCTION oauth.serve_authorize(request oauth.request, issuer oauth.issuers, parameters jsonb) RETURNS oauth.response
LANGUAGE plpgsql VOLATILE
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    asked oauth.authorization_request := oauth.read_authorization_request(issuer, parameters);
BEGIN
    IF asked.error IS NOT NULL THEN
        RETURN oauth.authorization_error(issuer, asked, asked.error, asked.error_description);
    END IF;

    -- A POST from the client's site comes without our SameSite cookie: the
    -- browser comes back by GET, and has it.  Encoded anew: a body may hold what
    -- no header may.
    IF request.method = 'POST' THEN
        RETURN oauth.redirect_response(issuer.issuer || '/authorize?' || oauth.query_of(parameters));
    END IF;

    RETURN oauth.answer_request(request, issuer, asked, oauth.current_session(issuer, request), request.query);
END
$$;

INSERT INTO oauth.endpoints VALUES ('/authorize', '{GET,HEAD,POST}', 'page', 'serve_authorize', 'authorization_endpoint');

COMMENT ON FUNCTION oauth.hinted_claims(oauth.issuers, text) IS
    'Internal: the claims of an id_token_hint, NULL when it is no ID token of ours';
COMMENT ON FUNCTION oauth.interaction_needed(oauth.issuers, oauth.authorization_request, oauth.login_sessions) IS
    'Internal: login_required, consent_required, or NULL (OpenID Connect Core 1.0 3.1.2.3, 3.1.2.4)';
COMMENT ON FUNCTION oauth.user_fault(oauth.issuers, oauth.authorization_request, oauth.login_sessions) IS
    'Internal: why the request is not answered for this user, as {error, description}; NULL: it is';
COMMENT ON FUNCTION oauth.query_of(jsonb) IS
    'Internal: parameters as a query';
COMMENT ON FUNCTION oauth.authorize(oauth.request, oauth.issuers, oauth.authorization_request, oauth.login_sessions) IS
    'Internal: answer an authorization request that nothing stands against';
COMMENT ON FUNCTION oauth.answer_request(oauth.request, oauth.issuers, oauth.authorization_request, oauth.login_sessions, text, boolean) IS
    'Internal: answer a good authorization request, or send the user to the page that comes before';
COMMENT ON FUNCTION oauth.serve_authorize(oauth.request, oauth.issuers, jsonb) IS
    'Internal: /authorize (RFC 6749 3.1, OpenID Connect Core 1.0 3.1.2)';

REVOKE ALL ON FUNCTION oauth.hinted_claims(oauth.issuers, text) FROM PUBLIC;
REVOKE ALL ON FUNCTION oauth.interaction_needed(oauth.issuers, oauth.authorization_request, oauth.login_sessions) FROM PUBLIC;
REVOKE ALL ON FUNCTION oauth.user_fault(oauth.issuers, oauth.authorization_request, oauth.login_sessions) FROM PUBLIC;
REVOKE ALL ON FUNCTION oauth.query_of(jsonb) FROM PUBLIC;
REVOKE ALL ON FUNCTION oauth.authorize(oauth.request, oauth.issuers, oauth.authorization_request, oauth.login_sessions) FROM PUBLIC;
REVOKE ALL ON FUNCTION oauth.answer_request(oauth.request, oauth.issuers, oauth.authorization_request, oauth.login_sessions, text, boolean) FROM PUBLIC;
REVOKE ALL ON FUNCTION oauth.serve_authorize(oauth.request, oauth.issuers, jsonb) FROM PUBLIC;
