"""Other people's OAuth clients, unmodified, over nginx and PostgREST.

Its arguments: see oauth_site.py.  Prints TAP.
"""

from common import Tap
from oauth_clients import set_up, try_authlib, try_bad_input, try_node, try_requests_oauthlib
from oauth_site import FOLDER, Database, PostgREST, Site


def main():
    tap, database = Tap(), Database('interop_oauth_clients')
    site = Site('clients')
    # what the clients' tests know a gateway by
    site.issuer, site.ours = site.origin, database.ours
    set_up(site)
    postgrest = PostgREST(database.name)
    try:
        site.start()
        for part in (try_requests_oauthlib, try_authlib, try_node, try_bad_input):
            part(tap, site)
        unexpected = database.ours.call("SELECT coalesce(jsonb_agg(detail), '[]') FROM oauth.audit WHERE event = 'server_error'")
        tap.ok(unexpected == [], 'nothing unexpected happened in the server', unexpected)
    finally:
        postgrest.stop()
        site.stop()
        database.close()
    print(f'# logs: {FOLDER}')
    tap.done()


main()
