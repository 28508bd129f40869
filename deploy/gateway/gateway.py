"""The authorization server behind a Python web server: a WSGI application over
oauth.handle, for any WSGI server.

    pip install 'psycopg[binary]'
    ISSUER=https://auth.example.com DATABASE_URL=postgresql://... python gateway.py [PORT]

Behind a proxy have your server make REMOTE_ADDR the client's address, as Werkzeug's
ProxyFix does: guesses are counted by it, and all would be the proxy's.

gateway.sql grants its database role what it calls.  Run as a program it serves with
Python's own server, which is for trying it out.
"""
import os
import re
import sys
from http import HTTPStatus

import psycopg
from psycopg.types.json import Jsonb

ISSUER = (os.environ.get('ISSUER') or sys.exit("ISSUER is not set; set it to the issuer's URL, such as https://auth.example.com")).rstrip('/')
BASE = '/' + ISSUER.split('/', 3)[3] if ISSUER.count('/') > 2 else ''
LIMIT = 64 * 1024
HEADERS = ('authorization', 'cookie', 'accept', 'user-agent', 'dpop')
# What scripts of any site may ask: they bring a token of their own, never a cookie.
OPEN = re.compile(r'/(token|revoke|userinfo|device_authorization|\.well-known/.*)')
CORS = [('Access-Control-Allow-Origin', '*'), ('Access-Control-Allow-Headers', 'Authorization, Content-Type, DPoP'),
        ('Access-Control-Expose-Headers', 'WWW-Authenticate, DPoP-Nonce')]


def fail(start_response, status, error, headers=()):
    start_response(f'{status} {HTTPStatus(status).phrase}',
                   [('Content-Type', 'application/json'), ('Cache-Control', 'no-store'), *headers])
    return [b'{"error": "%s"}' % error]


def path_below(path):
    """RFC 8414 inserts the well-known path before the issuer's, OpenID Connect appends it."""
    if BASE and path.startswith('/.well-known/') and path.endswith(BASE):
        return path.removesuffix(BASE)
    return path.removeprefix(BASE) if path.startswith(BASE + '/') else None


def application(environ, start_response):
    # WSGI decodes the path; none of ours has anything to decode
    path = path_below(environ['SCRIPT_NAME'] + environ['PATH_INFO'])
    length = environ.get('CONTENT_LENGTH') or '0'
    if path is None:
        return fail(start_response, 404, b'invalid_request')
    cors = CORS if OPEN.fullmatch(path) else []
    if cors and environ['REQUEST_METHOD'] == 'OPTIONS':
        start_response('204 No Content', [*cors, ('Access-Control-Allow-Methods', 'GET, POST')])
        return []
    if not re.fullmatch('[0-9]+', length):      # not every server looks
        return fail(start_response, 400, b'invalid_request', cors)
    if len(length) > 9 or int(length) > LIMIT:
        return fail(start_response, 413, b'invalid_request', cors)

    headers = {name: environ.get('HTTP_' + name.upper().replace('-', '_')) for name in HEADERS}
    headers['content-type'] = environ.get('CONTENT_TYPE')
    address = (environ.get('REMOTE_ADDR') or '').split('%')[0] or None         # inet has no zones
    body = environ['wsgi.input'].read(int(length))      # before a connection is taken: it may come slowly
    try:
        with psycopg.connect(os.environ['DATABASE_URL'], connect_timeout=2) as connection:
            status, answered, body = connection.execute(
                'SELECT * FROM oauth.serve(%s, %s, %s, %s, %s, %s, %s)',
                (ISSUER, environ['REQUEST_METHOD'], path, environ.get('QUERY_STRING', ''),
                 Jsonb(headers), body, address)).fetchone()
    except psycopg.DataError:           # a NUL
        return fail(start_response, 400, b'invalid_request', cors)
    except psycopg.Error as error:
        reason = str(error).partition('\n')[0] or type(error).__name__
        print(f'database: {reason}', file=environ['wsgi.errors'])
        return fail(start_response, 503, b'temporarily_unavailable', cors)

    start_response(f'{status} {HTTPStatus(status).phrase}',
                   [pair for header in answered for pair in header.items()] + cors + [('Content-Length', str(len(body)))])
    return [] if environ['REQUEST_METHOD'] == 'HEAD' else [body]


if __name__ == '__main__':
    from wsgiref.simple_server import make_server
    port = int(sys.argv[1]) if len(sys.argv) > 1 else 8080
    with make_server('127.0.0.1', port, application) as server:
        print(f'serving {ISSUER} on 127.0.0.1:{port}', flush=True)
        server.serve_forever()
