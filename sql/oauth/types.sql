-- What comes in and what goes out, whoever carries it over HTTP.

CREATE TYPE oauth.request AS (
    issuer      text,       -- NULL: the only one
    method      text,
    path        text,       -- below the issuer: /token
    query       text,       -- raw, without the question mark
    headers     jsonb,      -- names in lower case
    body        bytea,
    remote_addr inet,
    client_cert text
);

-- headers is an array of one-member objects, so that Set-Cookie can repeat.
CREATE TYPE oauth.response AS (
    status  integer,
    headers jsonb,
    body    bytea
);

COMMENT ON TYPE oauth.request IS
    'An HTTP request below an issuer: what oauth.handle takes';
COMMENT ON TYPE oauth.response IS
    'An HTTP response: what oauth.handle returns';

REVOKE ALL ON TYPE oauth.request FROM PUBLIC;
REVOKE ALL ON TYPE oauth.response FROM PUBLIC;
