-- The authorization endpoint (RFC 6749 3.1, OpenID Connect Core 1.0 3.1.2).

-- Whose session an id_token_hint speaks of: a subject as this client sees it;
-- '' when it is no ID token of ours.  An expired one still tells (OpenID Connect
-- Core 1.0 3.1.2.1).
CREATE FUNCTION oauth.hinted_subject(issuer oauth.issuers, id_token text) RETURNS text
LANGUAGE sql STABLE
RETURN (
    SELECT CASE WHEN c.valid THEN c.claims ->> 'sub' ELSE '' END
    FROM jwt.check(id_token, jwt.jwks(issuer.issuer), issuer => issuer.issuer, type => 'JWT', leeway => '100 years') AS c
);

-- The consent that stands for this request, or a sign that none is needed.
CREATE FUNCTION oauth.has_consent(asked oauth.authorization_request, subject text) RETURNS boolean
LANGUAGE sql STABLE
RETURN NOT (asked.client).require_consent OR EXISTS (
    SELECT
    FROM oauth.grants AS g
    WHERE g.issuer_id = (asked.client).issuer_id
      AND g.client_id = (asked.client).client_id
      AND g.subject = has_consent.subject
      AND g.revoked_at IS NULL
      AND asked.scopes <@ g.scopes
      AND asked.resources <@ g.resources
);

-- What stands between this request and its answer: login_required,
-- consent_required, or NULL.
CREATE FUNCTION oauth.interaction_needed(issuer oauth.issuers, asked oauth.authorization_request, session oauth.login_sessions) RETURNS text
LANGUAGE plpgsql VOLATILE
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    hint text := asked.parameters ->> 'id_token_hint';
    wanted_subject text := asked.claims #>> '{id_token,sub,value}';
BEGIN
    IF session.sid IS NULL OR asked.prompt && '{login,select_account}' THEN
        RETURN 'login_required';
    END IF;
    IF asked.max_age IS NOT NULL AND session.auth_time + make_interval(secs => asked.max_age) < clock_timestamp() THEN
        RETURN 'login_required';
    END IF;
    -- Another user than the client means (OpenID Connect Core 1.0 3.1.2.1, 5.5.1)
    IF hint IS NOT NULL AND oauth.hinted_subject(issuer, hint) <> oauth.subject_for(asked.client, session.subject)
       OR wanted_subject <> oauth.subject_for(asked.client, session.subject)
    THEN
        RETURN 'login_required';
    END IF;
    IF 'consent' = ANY (asked.prompt) OR NOT oauth.has_consent(asked, session.subject) THEN
        RETURN 'consent_required';
    END IF;
    RETURN NULL;
END
$$;

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
    words text := oauth.response_type_words(asked.response_type);
    family oauth.token_families;
    issued oauth.issued_token;
    code text;
    id_token text;
    in_front boolean := words <> 'code';
BEGIN
    INSERT INTO oauth.token_families AS f (
        issuer_id, client_id, subject, grant_id, sid, scopes, resources, nonce, auth_time, acr, amr, claims_request, expires_at)
    VALUES (
        issuer.issuer_id, client.client_id, session.subject,
        (SELECT g.grant_id
         FROM oauth.grants AS g
         WHERE g.issuer_id = authorize.issuer.issuer_id
           AND g.subject = authorize.session.subject
           AND g.client_id = (authorize.asked).client.client_id
           AND g.revoked_at IS NULL),
        session.sid, asked.scopes, asked.resources, asked.nonce, session.auth_time, session.acr, session.amr, asked.claims,
        clock_timestamp() + CASE
            WHEN oauth.is_refreshable(client, asked.scopes) THEN issuer.refresh_token_lifetime
            ELSE greatest(issuer.access_token_lifetime, issuer.id_token_lifetime) + interval '1 day'
        END)
    RETURNING f.* INTO family;

    IF words ~ 'code' THEN
        code := oauth.random_token();
        INSERT INTO oauth.authorization_codes (issuer_id, code_hash, client_id, family_id, redirect_uri, code_challenge, expires_at)
        VALUES (issuer.issuer_id, oauth.hash_token(code), client.client_id, family.family_id,
                asked.parameters ->> 'redirect_uri', asked.code_challenge, clock_timestamp() + issuer.code_lifetime);
    END IF;
    IF words ~ '\mtoken\M' THEN
        issued := oauth.issue_access_token(issuer, client, family, family.scopes, family.resources);
    END IF;
    IF words ~ 'id_token' THEN
        -- without an access token there is no userinfo to ask (OpenID Connect Core 1.0 5.4)
        id_token := oauth.issue_id_token(issuer, client, family, issued.token, code,
            oauth.user_claims(issuer, family.subject, CASE words WHEN 'id_token' THEN family.scopes ELSE '{}' END,
                              family.claims_request, 'id_token'));
    END IF;

    PERFORM oauth.record_event(issuer.issuer_id, CASE WHEN in_front THEN 'authorized_legacy' ELSE 'authorized' END,
        client.client_id, session.subject, request.remote_addr,
        jsonb_build_object('family_id', family.family_id, 'response_type', asked.response_type));
    RETURN oauth.authorization_response(issuer, asked,
        'code', code,
        'access_token', issued.token,
        'token_type', CASE WHEN issued.token IS NOT NULL THEN 'Bearer' END,
        'expires_in', issued.expires_in::text,
        'scope', CASE WHEN issued.token IS NOT NULL THEN array_to_string(asked.scopes, ' ') END,
        'id_token', id_token);
END
$$;

CREATE FUNCTION oauth.serve_authorize(request oauth.request, issuer oauth.issuers, parameters jsonb) RETURNS oauth.response
LANGUAGE plpgsql VOLATILE
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    asked oauth.authorization_request := oauth.read_authorization_request(issuer, parameters);
    session oauth.login_sessions;
    needed text;
BEGIN
    IF asked.error IS NOT NULL THEN
        RETURN oauth.authorization_error(issuer, asked, asked.error, asked.error_description);
    END IF;

    -- A POST from the client's site comes without our SameSite cookie: the
    -- browser comes back by GET, and has it.
    IF request.method = 'POST' THEN
        RETURN oauth.redirect_response(issuer.issuer || '/authorize?' || convert_from(request.body, 'UTF8'));
    END IF;

    session := oauth.current_session(issuer, request);
    needed := oauth.interaction_needed(issuer, asked, session);
    IF needed IS NULL THEN
        RETURN oauth.authorize(request, issuer, asked, session);
    END IF;
    IF 'none' = ANY (asked.prompt) THEN
        RETURN oauth.authorization_error(issuer, asked, needed, 'The user would have to be asked.');
    END IF;
    RETURN oauth.redirect_response(
        issuer.issuer || CASE needed WHEN 'login_required' THEN '/login?' ELSE '/consent?' END
        || oauth.form_of('request', request.query));
END
$$;

INSERT INTO oauth.endpoints VALUES ('/authorize', '{GET,HEAD,POST}', 'page', 'serve_authorize');

COMMENT ON FUNCTION oauth.hinted_subject(oauth.issuers, text) IS
    'Internal: the subject of an id_token_hint, empty when it is none of ours (OpenID Connect Core 1.0 3.1.2.1)';
COMMENT ON FUNCTION oauth.has_consent(oauth.authorization_request, text) IS
    'Internal: has the user consented to all that is asked for?';
COMMENT ON FUNCTION oauth.interaction_needed(oauth.issuers, oauth.authorization_request, oauth.login_sessions) IS
    'Internal: login_required, consent_required, or NULL (OpenID Connect Core 1.0 3.1.2.3, 3.1.2.4)';
COMMENT ON FUNCTION oauth.authorize(oauth.request, oauth.issuers, oauth.authorization_request, oauth.login_sessions) IS
    'Internal: answer an authorization request that nothing stands against';
COMMENT ON FUNCTION oauth.serve_authorize(oauth.request, oauth.issuers, jsonb) IS
    'Internal: /authorize (RFC 6749 3.1, OpenID Connect Core 1.0 3.1.2)';

REVOKE ALL ON FUNCTION oauth.hinted_subject(oauth.issuers, text) FROM PUBLIC;
REVOKE ALL ON FUNCTION oauth.has_consent(oauth.authorization_request, text) FROM PUBLIC;
REVOKE ALL ON FUNCTION oauth.interaction_needed(oauth.issuers, oauth.authorization_request, oauth.login_sessions) FROM PUBLIC;
REVOKE ALL ON FUNCTION oauth.authorize(oauth.request, oauth.issuers, oauth.authorization_request, oauth.login_sessions) FROM PUBLIC;
REVOKE ALL ON FUNCTION oauth.serve_authorize(oauth.request, oauth.issuers, jsonb) FROM PUBLIC;
