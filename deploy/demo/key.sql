CREATE EXTENSION oauth_jwt;

-- An issuer of our own, with its first signing key (ES256, unless you say otherwise).

SELECT jwt.create_issuer('https://demo.example', audience => '{https://notes.example}') AS kid;

-- The private half stays in jwt.keys, which only the extension's owner can read.
-- What the world may see, and verify with:

\pset tuples_only on
\pset format unaligned
SELECT jsonb_pretty(jwt.jwks());
