\pset tuples_only on
\pset format unaligned
SELECT jwt.issue('{"sub": "alice", "aud": "notes", "role": "api_user",
                   "scope": "notes:read notes:write"}');
