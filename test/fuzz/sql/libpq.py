"""As much of libpq as the fuzzer needs, so that it needs no driver installed."""
import ctypes
import ctypes.util

TUPLES_OK = 2
SQLSTATE, MESSAGE, DETAIL, HINT = (ord(letter) for letter in "CMDH")

_pq = ctypes.CDLL(ctypes.util.find_library("pq") or "libpq.so.5")
for _name, _type in (("PQconnectdb", ctypes.c_void_p), ("PQexecParams", ctypes.c_void_p),
                     ("PQgetvalue", ctypes.c_void_p), ("PQresultErrorField", ctypes.c_char_p),
                     ("PQerrorMessage", ctypes.c_char_p)):
    getattr(_pq, _name).restype = _type


class Died(Exception):
    """The connection is gone, and so is the backend."""


class SqlError(Exception):
    def __init__(self, sqlstate, text):
        super().__init__(sqlstate + ": " + text)
        self.sqlstate = sqlstate
        self.text = text


class Connection:
    def __init__(self, conninfo=""):
        self._conn = ctypes.c_void_p(_pq.PQconnectdb(conninfo.encode()))
        if _pq.PQstatus(self._conn) != 0:
            raise Died(_pq.PQerrorMessage(self._conn).decode())
        self.pid = _pq.PQbackendPID(self._conn)

    def rows(self, sql, *values):
        """The rows of a statement, each a list of bytes or None; values are bytes, str or None."""
        encoded = [value.encode() if isinstance(value, str) else value for value in values]
        array = (ctypes.c_char_p * len(encoded))(*encoded)
        result = ctypes.c_void_p(_pq.PQexecParams(self._conn, sql.encode(), len(encoded), None, array, None, None, 0))
        try:
            if _pq.PQstatus(self._conn) != 0:
                raise Died(_pq.PQerrorMessage(self._conn).decode(errors="replace"))
            status = _pq.PQresultStatus(result)
            if status not in (1, TUPLES_OK):
                raise self._error(result)
            return [[self._value(result, row, column) for column in range(_pq.PQnfields(result))]
                    for row in range(_pq.PQntuples(result))]
        finally:
            _pq.PQclear(result)

    def value(self, sql, *values):
        return self.rows(sql, *values)[0][0]

    @staticmethod
    def _value(result, row, column):
        if _pq.PQgetisnull(result, row, column):
            return None
        length = _pq.PQgetlength(result, row, column)
        return ctypes.string_at(_pq.PQgetvalue(result, row, column), length)

    @staticmethod
    def _error(result):
        fields = [_pq.PQresultErrorField(result, field) for field in (SQLSTATE, MESSAGE, DETAIL, HINT)]
        texts = [(field or b"").decode(errors="replace") for field in fields]
        return SqlError(texts[0], " | ".join(text for text in texts[1:] if text))
