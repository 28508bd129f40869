-- The device code grant: what the device hears while it polls (RFC 8628 3.4, 3.5).

CREATE FUNCTION oauth.grant_device_code(
    request    oauth.request,
    issuer     oauth.issuers,
    client     oauth.clients,
    parameters jsonb
) RETURNS oauth.response
LANGUAGE plpgsql VOLATILE
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    device oauth.device_codes;
    family oauth.token_families;
    resources text[];
BEGIN
    IF NOT parameters ? 'device_code' THEN
        RETURN oauth.error_response('invalid_request', 'device_code is missing.');
    END IF;

    -- Locked, so that of two polls one gets the tokens.
    SELECT d.* INTO device
    FROM oauth.device_codes AS d
    WHERE d.issuer_id = issuer.issuer_id
      AND d.device_code_hash = oauth.hash_token(parameters ->> 'device_code')
      AND d.client_id = client.client_id
    FOR UPDATE;
    IF NOT FOUND THEN
        RETURN oauth.error_response('invalid_grant', 'The device code is not good.');
    END IF;

    -- As with an authorization code: of one that comes twice, one was stolen.
    IF device.state = 'consumed' THEN
        PERFORM oauth.revoke_family(device.issuer_id, device.family_id);
        PERFORM oauth.record_event(issuer.issuer_id, 'device_code_replayed', client.client_id,
            remote_addr => request.remote_addr, detail => jsonb_build_object('family_id', device.family_id));
        RETURN oauth.error_response('invalid_grant', 'The device code is not good.');
    END IF;
    IF device.expires_at <= clock_timestamp() THEN
        RETURN oauth.error_response('expired_token', 'The device code has expired.');
    END IF;
    IF device.state = 'denied' THEN
        RETURN oauth.error_response('access_denied', 'The user has denied it.');
    END IF;

    IF device.state = 'pending' THEN
        RETURN oauth.device_pending(device);
    END IF;

    resources := oauth.requested_resources(issuer, client, parameters, device.resources);
    IF resources IS NULL THEN
        RETURN oauth.error_response('invalid_target', 'The authorization is not for one of these resources.');
    END IF;
    UPDATE oauth.device_codes AS d
    SET state = 'consumed'
    WHERE d.issuer_id = device.issuer_id AND d.device_code_hash = device.device_code_hash;
    family := oauth.standing_family(device.issuer_id, device.family_id);
    IF family.family_id IS NULL THEN
        RETURN oauth.error_response('invalid_grant', 'The device code is not good.');
    END IF;

    PERFORM oauth.record_event(issuer.issuer_id, 'token_issued', client.client_id, family.subject, request.remote_addr,
        jsonb_build_object('grant_type', 'device_code', 'family_id', family.family_id));
    RETURN oauth.issue_tokens(issuer, client, family, resources);
END
$$;

-- Too soon: from now on five seconds more (RFC 8628 3.5).  What the network
-- makes of a device's five seconds is forgiven up to one.
CREATE FUNCTION oauth.device_pending(device oauth.device_codes) RETURNS oauth.response
LANGUAGE plpgsql VOLATILE
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    too_soon boolean := coalesce(clock_timestamp() < device.polled_at + device.poll_interval - interval '1 second', false);
BEGIN
    UPDATE oauth.device_codes AS d
    SET polled_at = clock_timestamp(),
        poll_interval = d.poll_interval + CASE WHEN too_soon THEN interval '5 seconds' ELSE interval '0' END
    WHERE d.issuer_id = device.issuer_id AND d.device_code_hash = device.device_code_hash;
    IF too_soon THEN
        RETURN oauth.error_response('slow_down', 'Poll less often.');
    END IF;
    RETURN oauth.error_response('authorization_pending', 'The user has not decided yet.');
END
$$;

INSERT INTO oauth.grant_types VALUES ('urn:ietf:params:oauth:grant-type:device_code', 'grant_device_code');

COMMENT ON FUNCTION oauth.grant_device_code(oauth.request, oauth.issuers, oauth.clients, jsonb) IS
    'Internal: the device code grant (RFC 8628 3.4)';
COMMENT ON FUNCTION oauth.device_pending(oauth.device_codes) IS
    'Internal: authorization_pending or slow_down (RFC 8628 3.5)';

REVOKE ALL ON FUNCTION oauth.grant_device_code(oauth.request, oauth.issuers, oauth.clients, jsonb) FROM PUBLIC;
REVOKE ALL ON FUNCTION oauth.device_pending(oauth.device_codes) FROM PUBLIC;
