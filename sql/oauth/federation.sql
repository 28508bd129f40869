-- Logging in with a foreign issuer's ID token (OpenID Connect Core 1.0 3.2).  The
-- browser is sent there and comes back with the token in a form post; nothing has
-- to be fetched from here, the issuer's keys stand in jwt.issuers.

CREATE TABLE oauth.identity_providers (
    issuer_id              bigint NOT NULL REFERENCES oauth.issuers ON DELETE CASCADE,
    foreign_issuer         text COLLATE "C" NOT NULL REFERENCES jwt.issuers ON DELETE CASCADE,
    client_id              text NOT NULL CHECK (client_id <> ''),
    create_users           boolean NOT NULL DEFAULT false,
    acr_values             text[] NOT NULL DEFAULT '{}' CHECK (oauth.are_acr_values(acr_values)),
    provider_name          text CHECK (provider_name <> ''),
    authorization_endpoint text CHECK (authorization_endpoint ~ '^https?://[^#[:space:]]+$'),
    enabled                boolean NOT NULL DEFAULT true,
    PRIMARY KEY (issuer_id, foreign_issuer)
);

COMMENT ON TABLE oauth.identity_providers IS
    'Foreign issuers whose ID tokens log our users in';
COMMENT ON COLUMN oauth.identity_providers.client_id IS
    'Our client_id there: the aud of its ID tokens';
COMMENT ON COLUMN oauth.identity_providers.create_users IS
    'Whoever has an account there gets one here; false: those linked by oauth.link_identity only';
COMMENT ON COLUMN oauth.identity_providers.acr_values IS
    'What it is believed in its ID tokens'' acr; another one is left out';
COMMENT ON COLUMN oauth.identity_providers.authorization_endpoint IS
    'Where the log-in page links to; NULL: it does not';
REVOKE ALL ON TABLE oauth.identity_providers FROM PUBLIC;
SELECT pg_catalog.pg_extension_config_dump('oauth.identity_providers', '');

CREATE FUNCTION oauth.check_foreign_issuer(foreign_issuer text) RETURNS void
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    IF NOT EXISTS (SELECT FROM jwt.issuers AS i WHERE i.issuer = check_foreign_issuer.foreign_issuer) THEN
        RAISE EXCEPTION 'issuer "%" is not trusted', check_foreign_issuer.foreign_issuer
            USING ERRCODE = 'undefined_object',
                  HINT = 'Give its keys to jwt.trust_issuer first.';
    END IF;
END
$$;

CREATE FUNCTION oauth.create_identity_provider(
    foreign_issuer         text,
    client_id              text,
    provider_name          text DEFAULT NULL,
    authorization_endpoint text DEFAULT NULL,
    create_users           boolean DEFAULT false,
    acr_values             text[] DEFAULT '{}',
    issuer                 text DEFAULT NULL
) RETURNS void
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    own oauth.issuers := oauth.issuer_named(issuer);
BEGIN
    PERFORM oauth.check_foreign_issuer(foreign_issuer);
    INSERT INTO oauth.identity_providers (
        issuer_id, foreign_issuer, client_id, provider_name, authorization_endpoint, create_users, acr_values)
    VALUES (own.issuer_id, create_identity_provider.foreign_issuer, create_identity_provider.client_id,
            create_identity_provider.provider_name, create_identity_provider.authorization_endpoint,
            create_identity_provider.create_users, create_identity_provider.acr_values);
    PERFORM oauth.record_event(own.issuer_id, 'identity_provider_created',
        detail => jsonb_build_object('foreign_issuer', create_identity_provider.foreign_issuer));
END
$$;

CREATE FUNCTION oauth.link_identity(subject text, foreign_issuer text, foreign_subject text, issuer text DEFAULT NULL) RETURNS void
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    own oauth.issuers := oauth.issuer_named(issuer);
BEGIN
    IF NOT EXISTS (SELECT FROM oauth.users AS u WHERE u.issuer_id = own.issuer_id AND u.subject = link_identity.subject) THEN
        RAISE EXCEPTION 'there is no user "%"', link_identity.subject
            USING ERRCODE = 'undefined_object',
                  HINT = 'oauth.create_user returns the subject of a new one; oauth.users has those there are.';
    END IF;
    PERFORM oauth.check_foreign_issuer(foreign_issuer);
    INSERT INTO oauth.federated_identities (issuer_id, foreign_issuer, foreign_subject, subject)
    VALUES (own.issuer_id, link_identity.foreign_issuer, link_identity.foreign_subject, link_identity.subject);
    PERFORM oauth.record_event(own.issuer_id, 'identity_linked', subject => link_identity.subject,
        detail => jsonb_build_object('foreign_issuer', link_identity.foreign_issuer));
END
$$;

CREATE FUNCTION oauth.unlink_identity(foreign_issuer text, foreign_subject text, issuer text DEFAULT NULL) RETURNS boolean
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    own oauth.issuers := oauth.issuer_named(issuer);
    unlinked text;
BEGIN
    DELETE FROM oauth.federated_identities AS f
    WHERE f.issuer_id = own.issuer_id
      AND f.foreign_issuer = unlink_identity.foreign_issuer
      AND f.foreign_subject = unlink_identity.foreign_subject
    RETURNING f.subject INTO unlinked;
    IF NOT FOUND THEN
        RETURN false;
    END IF;
    PERFORM oauth.record_event(own.issuer_id, 'identity_unlinked', subject => unlinked,
        detail => jsonb_build_object('foreign_issuer', unlink_identity.foreign_issuer));
    RETURN true;
END
$$;

-- The claims of a foreign ID token that was issued for this browser just now, and
-- was not here before; NULL when it is none (OpenID Connect Core 1.0 3.1.3.7, 3.2.2.11).
CREATE FUNCTION oauth.foreign_login(issuer oauth.issuers, id_token text, nonce text) RETURNS jsonb
LANGUAGE plpgsql VOLATILE
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    provider oauth.identity_providers;
    trusted jwt.issuers;
    claims jsonb;
BEGIN
    SELECT p.* INTO provider
    FROM oauth.identity_providers AS p
    WHERE p.issuer_id = issuer.issuer_id AND p.foreign_issuer = oauth.unverified_claims(id_token) ->> 'iss' AND p.enabled;
    SELECT i.* INTO trusted
    FROM jwt.issuers AS i
    WHERE i.issuer = provider.foreign_issuer AND i.enabled;
    IF trusted.issuer IS NULL THEN
        RETURN NULL;
    END IF;

    SELECT c.claims INTO claims
    FROM jwt.check(id_token, CASE WHEN trusted.own THEN jwt.jwks(trusted.issuer) ELSE trusted.jwks END,
        algorithms => trusted.algorithms,
        issuer => provider.foreign_issuer,
        audience => ARRAY[provider.client_id],
        required_claims => '{sub,aud,exp,iat,nonce}',
        max_age => '5 minutes',
        leeway => trusted.leeway) AS c
    WHERE c.valid;
    IF claims IS NULL
       OR jsonb_typeof(claims -> 'nonce') <> 'string'
       OR NOT coalesce(oauth.equal(convert_to(claims ->> 'nonce', 'UTF8'), convert_to(nonce, 'UTF8')), false)
       OR jsonb_typeof(claims -> 'sub') <> 'string'
       -- of several audiences the token must be for us (3.1.3.7, 4 and 5)
       OR coalesce(claims ->> 'azp', provider.client_id) <> provider.client_id
       OR jsonb_typeof(claims -> 'aud') = 'array' AND jsonb_array_length(claims -> 'aud') > 1 AND NOT claims ? 'azp'
    THEN
        RETURN NULL;
    END IF;

    -- Known by what is signed: another signature of the same does not make it new.
    INSERT INTO oauth.replay (issuer_id, presenter, jti_hash, expires_at)
    VALUES (issuer.issuer_id, provider.foreign_issuer,
            oauth.hash_token(split_part(id_token, '.', 1) || '.' || split_part(id_token, '.', 2)),
            clock_timestamp() + interval '1 hour')
    ON CONFLICT DO NOTHING;
    RETURN CASE WHEN FOUND THEN claims END;
END
$$;

-- Whose log-in here it is; NULL: nobody's.  Never by name or e-mail address: that
-- would let another issuer log in as anybody.
CREATE FUNCTION oauth.federated_subject(issuer oauth.issuers, claims jsonb) RETURNS text
LANGUAGE plpgsql VOLATILE
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    known_subject text;
BEGIN
    SELECT f.subject INTO known_subject
    FROM oauth.federated_identities AS f
    WHERE f.issuer_id = issuer.issuer_id AND f.foreign_issuer = claims ->> 'iss' AND f.foreign_subject = claims ->> 'sub';

    IF NOT FOUND AND EXISTS (
        SELECT
        FROM oauth.identity_providers AS p
        WHERE p.issuer_id = issuer.issuer_id AND p.foreign_issuer = claims ->> 'iss' AND p.create_users)
    THEN
        -- Whether an address is verified, we do not take from others.
        INSERT INTO oauth.users AS u (issuer_id, claims)
        VALUES (issuer.issuer_id, jsonb_strip_nulls(jsonb_build_object('name', claims -> 'name', 'email', claims -> 'email')))
        RETURNING u.subject INTO known_subject;
        INSERT INTO oauth.federated_identities (issuer_id, foreign_issuer, foreign_subject, subject)
        VALUES (issuer.issuer_id, claims ->> 'iss', claims ->> 'sub', known_subject);
        PERFORM oauth.record_event(issuer.issuer_id, 'user_created', subject => known_subject,
            detail => jsonb_build_object('foreign_issuer', claims -> 'iss'));
    END IF;

    RETURN (SELECT u.subject FROM oauth.users AS u WHERE u.issuer_id = issuer.issuer_id AND u.subject = known_subject AND u.enabled);
END
$$;

-- The acr of a foreign ID token, where its issuer is one to say so.
CREATE FUNCTION oauth.foreign_acr(issuer oauth.issuers, claims jsonb) RETURNS text
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    RETURN (
        SELECT a.acr
        FROM oauth.identity_providers AS p, unnest(p.acr_values) AS a (acr)
        WHERE p.issuer_id = issuer.issuer_id AND p.foreign_issuer = claims ->> 'iss' AND claims -> 'acr' = to_jsonb(a.acr)
        LIMIT 1);
END
$$;

-- Links to the foreign issuers, for the log-in page (OpenID Connect Core 1.0 3.2.2.1).
-- state brings back what the user wanted; the nonce ties the token to this browser.
-- What the client asks for is asked for there.
CREATE FUNCTION oauth.provider_links(
    issuer  oauth.issuers,
    nonce   text,
    carried text,
    asked   oauth.authorization_request
) RETURNS text
LANGUAGE sql STABLE
RETURN (
    SELECT '<p class="or">' || oauth.html_escape(oauth.texts(issuer) ->> 'text_or') || '</p>' || string_agg(
        oauth.render(
            oauth.template(issuer, 'login_provider'),
            oauth.texts(issuer) || jsonb_build_object(
                'provider_name', coalesce(p.provider_name, regexp_replace(p.foreign_issuer, '^https?://', '')),
                'uri', p.authorization_endpoint
                    || CASE WHEN strpos(p.authorization_endpoint, '?') > 0 THEN '&' ELSE '?' END
                    || oauth.form_of('response_type', 'id_token', 'response_mode', 'form_post', 'client_id', p.client_id,
                                     'redirect_uri', issuer.issuer || '/login', 'scope', 'openid email profile',
                                     'nonce', nonce, 'state', carried,
                                     'prompt', CASE WHEN 'login' = ANY (asked.prompt) OR asked.max_age IS NOT NULL THEN 'login' END,
                                     'acr_values', CASE WHEN NOT oauth.is_wanted_acr(asked, NULL) THEN (
                                         SELECT string_agg(a.acr, ' ' ORDER BY a.n)
                                         FROM unnest(p.acr_values) WITH ORDINALITY AS a (acr, n)
                                         WHERE oauth.is_wanted_acr(asked, a.acr)) END))),
        '' ORDER BY p.provider_name, p.foreign_issuer)
    FROM oauth.identity_providers AS p
    WHERE p.issuer_id = issuer.issuer_id AND p.enabled AND p.authorization_endpoint IS NOT NULL
);

-- The log-in itself.  The nonce of the token is the one in the link that this browser was
-- shown, which nobody else's browser has: it stands for the form's own token.
CREATE FUNCTION oauth.log_in_by_token(request oauth.request, issuer oauth.issuers, parameters jsonb) RETURNS oauth.response
LANGUAGE plpgsql VOLATILE
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    cookie text := oauth.cookie(issuer, request);
    wanted jsonb := parameters || jsonb_strip_nulls(jsonb_build_object('request', coalesce(parameters -> 'request', parameters -> 'state')));
    wait interval := oauth.throttled(issuer.issuer_id, 'address', oauth.throttle_address(request.remote_addr), 50);
    asked oauth.authorization_request;
    claims jsonb;
    known_subject text;
BEGIN
    -- Posted from another site it comes without our SameSite cookie: the browser
    -- posts it again from here, and then has it.  That may end at the client.
    IF cookie IS NULL AND parameters ->> 'again' IS NULL THEN
        asked := oauth.read_carried_request(issuer, oauth.carried_request(wanted));
        RETURN oauth.form_post_page(issuer, issuer.issuer || '/login',
            ARRAY['id_token', parameters ->> 'id_token', 'state', parameters ->> 'state', 'again', 'yes'],
            form_target => CASE WHEN asked.redirectable THEN asked.redirect_uri END);
    END IF;
    IF cookie IS NULL THEN
        RETURN oauth.error_page(issuer, 'access_denied', 'text_expired', 403);
    END IF;
    IF wait IS NOT NULL THEN
        RETURN oauth.login_page(request, issuer, wanted, 'text_wait', 429, oauth.retry_after(wait));
    END IF;

    claims := oauth.foreign_login(issuer, parameters ->> 'id_token', oauth.login_nonce(cookie));
    IF claims IS NULL THEN
        PERFORM oauth.login_failed(issuer, request);
        RETURN oauth.login_page(request, issuer, wanted, 'text_provider_failed', 401);
    END IF;
    known_subject := oauth.federated_subject(issuer, claims);
    IF known_subject IS NULL THEN
        PERFORM oauth.login_failed(issuer, request);
        RETURN oauth.login_page(request, issuer, wanted, 'text_not_known_here', 403);
    END IF;
    RETURN oauth.logged_in(request, issuer, wanted, known_subject,
        amr => coalesce(CASE jsonb_typeof(claims -> 'amr') WHEN 'array' THEN oauth.parameter_list(claims -> 'amr') END, '{}'),
        detail => jsonb_build_object('foreign_issuer', claims -> 'iss'),
        -- when that was, where it says so: no max_age takes an old log-in there for a new one
        auth_time => to_timestamp(least(
            CASE jsonb_typeof(claims -> 'auth_time') WHEN 'number' THEN greatest(0, (claims ->> 'auth_time')::numeric) END,
            extract(epoch FROM clock_timestamp()))),
        acr => oauth.foreign_acr(issuer, claims));
END
$$;

COMMENT ON FUNCTION oauth.log_in_by_token(oauth.request, oauth.issuers, jsonb) IS
    'Internal: log in by a foreign issuer''s ID token';
COMMENT ON FUNCTION oauth.check_foreign_issuer(text) IS
    'Internal: refuse an issuer that is not trusted';
COMMENT ON FUNCTION oauth.create_identity_provider(text, text, text, text, boolean, text[], text) IS
    'Let a foreign issuer''s ID tokens log users in; the log-in page links to its authorization_endpoint';
COMMENT ON FUNCTION oauth.link_identity(text, text, text, text) IS
    'Let a foreign issuer''s subject log in as a user';
COMMENT ON FUNCTION oauth.unlink_identity(text, text, text) IS
    'Let a foreign issuer''s subject log in no more; false when it could not';
COMMENT ON FUNCTION oauth.foreign_login(oauth.issuers, text, text) IS
    'Internal: the claims of a foreign ID token for this browser, once; NULL: it is none (OpenID Connect Core 1.0 3.2.2.11)';
COMMENT ON FUNCTION oauth.federated_subject(oauth.issuers, jsonb) IS
    'Internal: the user that a foreign subject is here';
COMMENT ON FUNCTION oauth.foreign_acr(oauth.issuers, jsonb) IS
    'Internal: the acr of a foreign ID token, NULL when it is not believed';
COMMENT ON FUNCTION oauth.provider_links(oauth.issuers, text, text, oauth.authorization_request) IS
    'Internal: links of the log-in page to foreign issuers';

REVOKE ALL ON FUNCTION oauth.log_in_by_token(oauth.request, oauth.issuers, jsonb) FROM PUBLIC;
REVOKE ALL ON FUNCTION oauth.check_foreign_issuer(text) FROM PUBLIC;
REVOKE ALL ON FUNCTION oauth.create_identity_provider(text, text, text, text, boolean, text[], text) FROM PUBLIC;
REVOKE ALL ON FUNCTION oauth.link_identity(text, text, text, text) FROM PUBLIC;
REVOKE ALL ON FUNCTION oauth.unlink_identity(text, text, text) FROM PUBLIC;
REVOKE ALL ON FUNCTION oauth.foreign_login(oauth.issuers, text, text) FROM PUBLIC;
REVOKE ALL ON FUNCTION oauth.federated_subject(oauth.issuers, jsonb) FROM PUBLIC;
REVOKE ALL ON FUNCTION oauth.foreign_acr(oauth.issuers, jsonb) FROM PUBLIC;
REVOKE ALL ON FUNCTION oauth.provider_links(oauth.issuers, text, text, oauth.authorization_request) FROM PUBLIC;
