"""What the interop programs share: our functions, called, and TAP."""

import base64
import json
import sys

import psycopg


class Refused(Exception):
    """An error of ours that says so; sqlstate is its code."""

    def __init__(self, error):
        super().__init__(f'{error.sqlstate}: {error.diag.message_primary}')
        self.sqlstate = error.sqlstate


class Ours:
    """The server that PGHOST and its kin name, as its superuser."""

    def __init__(self, database=''):
        self.connection = psycopg.connect(dbname=database, autocommit=True)
        self.run('CREATE EXTENSION IF NOT EXISTS oauth_jwt')

    def run(self, sql):
        return self.connection.execute(sql)

    def call(self, sql, *arguments):
        """The one value that a SELECT returns."""
        try:
            return self.connection.execute(sql, [
                json.dumps(a) if isinstance(a, dict) else a for a in arguments]).fetchone()[0]
        except psycopg.Error as error:
            # Not a bug, a crash, or a slip in the test: those end it
            if error.sqlstate is None or not error.sqlstate.startswith('JW'):
                raise
            raise Refused(error) from None


class Tap:
    def __init__(self):
        self.count = self.failed = 0

    def ok(self, good, name, *explanation):
        self.count += 1
        self.failed += not good
        print(f'{"" if good else "not "}ok {self.count} - {name}')
        for line in explanation if not good else ():
            print(f'#   {line}')
        sys.stdout.flush()

    def refused(self, name, expected, call):
        """call() must end in this SQLSTATE of ours."""
        try:
            self.ok(False, name, f'it returned {call()}')
        except Refused as error:
            self.ok(error.sqlstate == expected, name, f'expected {expected}', error)

    def skip(self, reason):
        self.count += 1
        print(f'ok {self.count} # SKIP {reason}')

    def done(self):
        print(f'1..{self.count}')
        sys.exit(self.failed > 0)


def base64url(data):
    return base64.urlsafe_b64encode(data).rstrip(b'=').decode()
