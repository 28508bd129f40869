"""nginx and PostgREST in front of the authorization server, on deploy's files, and a
client that sends whatever it is told to.

A program that uses this is called with FOLDER DEPLOY-FOLDER ACCOUNT
[COMMAND-PREFIX...]: FOLDER has PostgREST and its configuration, nginx's is made
there; ACCOUNT is who they run as, by COMMAND-PREFIX.
"""

import http.client
import json
import os
import re
import shutil
import socket
import ssl
import subprocess
import sys
import time

from common import Ours, Tap

FOLDER, DEPLOY, ACCOUNT, *PREFIX = sys.argv[1:]
SOCKET = os.path.join(FOLDER, 'run', 'as.sock')
ROLES = 'oauth_authenticator, oauth_anon'


def free_port():
    with socket.socket() as free:
        free.bind(('127.0.0.1', 0))
        return free.getsockname()[1]


def wait_until(condition, seconds=10):
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if condition():
            return True
        time.sleep(0.05)
    return False


class Process:
    """A server of ours, run as the account that servers run as."""

    def __init__(self, command, log, **environment):
        self.process = subprocess.Popen(
            [*PREFIX, 'env', *(f'{name}={value}' for name, value in environment.items()), *command],
            cwd='/', stdin=subprocess.DEVNULL, stdout=open(log, 'a'), stderr=subprocess.STDOUT)

    def stop(self):
        self.process.terminate()
        try:
            self.process.wait(10)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()


class Answer:
    def __init__(self, response):
        self.status = response.status
        self.headers = response.headers
        self.body = response.read()

    def __repr__(self):
        return f'{self.status} {dict(self.headers.items())} {self.body[:300]!r}'

    def __getitem__(self, name):
        return self.headers[name]

    def all(self, name):
        return self.headers.get_all(name) or []

    def json(self):
        try:
            return json.loads(self.body)
        except ValueError:
            return None

    def is_error(self, status, error):
        """An error as OAuth has it (RFC 6749 5.2), kept out of caches."""
        body = self.json()
        return (self.status == status and self['Content-Type'] == 'application/json'
                and isinstance(body, dict) and body.get('error') == error
                and set(body) <= {'error', 'error_description'}
                and self['Cache-Control'] == 'no-store')

    def tells_nothing(self):
        """No SQLSTATE, no function's name, none of PostgREST's words."""
        said = self.body + str(self.headers).encode()
        return not re.search(rb'PGRST|SQLSTATE|"(code|hint|details)"|oauth_http|pg_catalog|PL/pgSQL|postgrest|psycopg', said, re.I)


class Site:
    """nginx for some issuers of one host, on a port of its own."""

    def __init__(self, name, *options, scheme='http', host='127.0.0.1', paths=('',)):
        self.port = free_port()
        self.origin = f'{scheme}://{host}:{self.port}'
        self.folder = os.path.join(FOLDER, name)
        self.issuers = [self.origin + path for path in paths]
        self.tls = scheme == 'https'
        subprocess.run([os.path.join(DEPLOY, 'configure.sh'), '--socket', SOCKET, '--listen', f'127.0.0.1:{self.port}',
                        *options, self.folder, *self.issuers], check=True)
        if os.geteuid() == 0:
            subprocess.run(['chown', '-R', ACCOUNT, self.folder], check=True)
        self.nginx = None

    def start(self):
        self.nginx = Process(['nginx', '-e', os.path.join(self.folder, 'start.log'), '-c', os.path.join(self.folder, 'nginx.conf'),
                              '-g', 'daemon off;'], os.path.join(FOLDER, 'nginx.log'))
        if not wait_until(self.listens):
            sys.exit(f'nginx did not start: {FOLDER}/nginx.log')

    def stop(self):
        if self.nginx:
            self.nginx.stop()

    def listens(self):
        try:
            socket.create_connection(('127.0.0.1', self.port), 1).close()
            return True
        except OSError:
            return False

    def connect(self, certificate=None):
        if not self.tls:
            return http.client.HTTPConnection('127.0.0.1', self.port, timeout=30)
        context = ssl.create_default_context(cafile=os.path.join(FOLDER, 'ca.pem'))
        if certificate:
            context.load_cert_chain(certificate)
        return http.client.HTTPSConnection('127.0.0.1', self.port, timeout=30, context=context)

    def ask(self, method, target, body=None, headers=(), certificate=None):
        """headers are pairs, sent as they are; bytes may be anything but a line's end."""
        connection = self.connect(certificate)
        connection.putrequest(method, '/', skip_accept_encoding=True, skip_host=any(name == 'Host' for name, _ in headers))
        # http.client refuses targets that attackers send
        connection._buffer[0] = f'{method} {target} HTTP/1.1'.encode('latin-1')
        for name, value in headers:
            connection.putheader(name, value)
        if body is not None and not any(name.lower() == 'transfer-encoding' for name, _ in headers):
            connection.putheader('Content-Length', str(len(body)))
        try:
            connection.endheaders(body)
        except (BrokenPipeError, ConnectionResetError):
            pass                        # refused before it was sent, and answered
        try:
            return Answer(connection.getresponse())
        finally:
            connection.close()

    def get(self, target, *headers, **more):
        return self.ask('GET', target, headers=headers, **more)

    def post(self, target, form='', *headers, **more):
        body = form if isinstance(form, bytes) else form.encode()
        return self.ask('POST', target, body, [('Content-Type', 'application/x-www-form-urlencoded'), *headers], **more)


class PostgREST(Process):
    def __init__(self, database, **environment):
        os.makedirs(os.path.dirname(SOCKET), exist_ok=True)
        if os.geteuid() == 0:
            shutil.chown(os.path.dirname(SOCKET), ACCOUNT)
        log = os.path.join(FOLDER, 'postgrest.log')
        open(log, 'w').close()
        super().__init__([os.path.join(FOLDER, 'postgrest'), os.path.join(FOLDER, 'postgrest-as.conf')], log,
                         PGRST_DB_URI=f'postgresql://oauth_authenticator@/{database}', PGRST_SERVER_UNIX_SOCKET=SOCKET, **environment)
        if not wait_until(lambda: os.path.exists(SOCKET) and 'Schema cache loaded' in open(log).read()):
            sys.exit(f'PostgREST did not start: {log}')


def ask_postgrest(path):
    """A POST of nothing, past nginx."""
    connection = http.client.HTTPConnection('postgrest', timeout=30)
    connection.sock = socket.socket(socket.AF_UNIX)
    connection.sock.connect(SOCKET)
    try:
        connection.request('POST', path, b'', {'Content-Type': 'application/octet-stream'})
        return Answer(connection.getresponse())
    finally:
        connection.close()


def make_certificates():
    """configure.sh's options for TLS: a CA that is the server, too, and a client's; and one of another CA."""
    def openssl(*command):
        subprocess.run(['openssl', *command], check=True, capture_output=True, cwd=FOLDER)
    openssl('req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-keyout', 'ca.key', '-out', 'ca.pem',
            '-subj', '/CN=test', '-days', '2', '-addext', 'subjectAltName=IP:127.0.0.1')
    openssl('req', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-keyout', 'client.key', '-out', 'client.csr',
            '-subj', '/CN=client')
    openssl('x509', '-req', '-in', 'client.csr', '-CA', 'ca.pem', '-CAkey', 'ca.key', '-CAcreateserial', '-days', '2', '-out', 'client.crt')
    openssl('req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-keyout', 'other.pem', '-out', 'other.pem',
            '-subj', '/CN=client', '-days', '2')
    with open(os.path.join(FOLDER, 'client.pem'), 'w') as pem:
        pem.write(open(os.path.join(FOLDER, 'client.crt')).read() + open(os.path.join(FOLDER, 'client.key')).read())
    os.chmod(os.path.join(FOLDER, 'ca.key'), 0o644)         # nginx's master is not root here
    ca = os.path.join(FOLDER, 'ca.pem')
    return ['--certificate', ca, '--key', os.path.join(FOLDER, 'ca.key'), '--client-ca', ca]


class Database:
    """One of its own, with the roles that deploy/postgrest-as.conf names."""

    def __init__(self, name):
        self.name, self.server = name, Ours()
        self.drop()
        self.server.run(f'CREATE DATABASE {name}')
        self.ours = Ours(name)
        self.ours.run("""
            CREATE ROLE oauth_authenticator LOGIN NOINHERIT;
            CREATE ROLE oauth_anon;
            GRANT oauth_anon TO oauth_authenticator;
            SELECT oauth.grant_http('oauth_anon')""")

    def drop(self):
        self.server.run(f'DROP DATABASE IF EXISTS {self.name} WITH (FORCE)')
        self.server.run(f'DROP ROLE IF EXISTS {ROLES}')

    def close(self):
        self.ours.connection.close()
        self.drop()


def run_test(test, database_name):
    """The test's run(), with a database of its own; prints TAP."""
    tap = Tap()
    database = Database(database_name)
    try:
        test(database, tap).run()
    finally:
        database.close()
    print(f'# logs: {FOLDER}')
    tap.done()
