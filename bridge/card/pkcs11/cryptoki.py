"""What python-pkcs11 lacks of PKCS#11 v2.40, called through the library's own function list on its session handles.

- C_Login from a buffer: the binding takes the PIN as `str`, which cannot be wiped.
- C_GetTokenInfo with the PIN's length, which the binding leaves out.
- C_SignInit, C_Login(CKU_CONTEXT_SPECIFIC), C_Sign in this order, for keys with CKA_ALWAYS_AUTHENTICATE.
- The same without a PIN, for a reader with keys of its own.
- CKA_ALLOWED_MECHANISMS, whose kind of value the binding does not know.
- C_CloseSession without the binding's C_Logout before it, whose failure leaks the session.
- C_Finalize that lets the process's other threads run meanwhile: it can wait for a reader.
"""

from __future__ import annotations

import ctypes
import sys
from enum import IntEnum
from pathlib import Path
from typing import Any, NamedTuple

from bridge.card.safety.pin import Pin

_Long = ctypes.c_ulong
_Pointer = ctypes.c_void_p
_PACKING = 1 if sys.platform == "win32" else 0
"""PKCS#11 v2.40 §2.1: structures are packed to one byte on Windows; 0 is the platform's own layout."""
_MAX_SIGNATURE = 2048
_MAX_MECHANISMS = 256
_ALLOWED_MECHANISMS = 0x40000600
_UNAVAILABLE = _Long(-1).value
"""CK_UNAVAILABLE_INFORMATION (PKCS#11 v2.40 §2.1)."""


class _Function(IntEnum):
    """Places in CK_FUNCTION_LIST, whose order is fixed (pkcs11f.h)."""

    FINALIZE = 1
    GET_TOKEN_INFO = 6
    CLOSE_SESSION = 13
    GET_SESSION_INFO = 15
    LOGIN = 18
    LOGOUT = 19
    GET_ATTRIBUTE_VALUE = 24
    SIGN_INIT = 42
    SIGN = 43


class User(IntEnum):
    """CK_USER_TYPE."""

    USER = 1
    CONTEXT_SPECIFIC = 2


class Rv(IntEnum):
    """CK_RV values that mean something to us."""

    DEVICE_ERROR = 0x30
    DEVICE_REMOVED = 0x32
    FUNCTION_CANCELED = 0x50
    PIN_INCORRECT = 0xA0
    PIN_INVALID = 0xA1
    PIN_LEN_RANGE = 0xA2
    PIN_EXPIRED = 0xA3
    PIN_LOCKED = 0xA4
    SESSION_CLOSED = 0xB0
    SESSION_HANDLE_INVALID = 0xB3
    TOKEN_NOT_PRESENT = 0xE0
    TOKEN_NOT_RECOGNIZED = 0xE1
    USER_ALREADY_LOGGED_IN = 0x100
    USER_NOT_LOGGED_IN = 0x101
    CRYPTOKI_NOT_INITIALIZED = 0x190


class TokenFlag(IntEnum):
    """CK_TOKEN_INFO.flags (PKCS#11 v2.40 §3.3)."""

    USER_PIN_INITIALIZED = 0x8
    PROTECTED_AUTHENTICATION_PATH = 0x100
    TOKEN_INITIALIZED = 0x400
    USER_PIN_COUNT_LOW = 0x10000
    USER_PIN_FINAL_TRY = 0x20000
    USER_PIN_LOCKED = 0x40000


class CryptokiError(Exception):
    """A function of the library returned something else than CKR_OK."""

    def __init__(self, function: str, rv: int) -> None:
        super().__init__(f"{function} returned 0x{rv:X}")
        self.rv = rv


class TokenInfo(NamedTuple):
    """CK_TOKEN_INFO, padding removed; lengths in bytes."""

    label: str
    manufacturer: str
    model: str
    flags: int
    pin_min: int
    pin_max: int

    def has(self, flag: TokenFlag) -> bool:
        return bool(self.flags & flag)

    @property
    def set_up(self) -> bool:
        """CKF_TOKEN_INITIALIZED came with PKCS#11 2.11: of an older library the PIN's flag says as much."""
        return self.has(TokenFlag.TOKEN_INITIALIZED) or self.has(TokenFlag.USER_PIN_INITIALIZED)


class _Version(ctypes.Structure):
    _fields_ = (("major", ctypes.c_ubyte), ("minor", ctypes.c_ubyte))


class _FunctionList(ctypes.Structure):
    _pack_ = _PACKING
    _fields_ = (("version", _Version), ("functions", _Pointer * (max(_Function) + 1)))


class _TokenInfo(ctypes.Structure):
    _pack_ = _PACKING
    _fields_ = (
        ("label", ctypes.c_char * 32),
        ("manufacturer", ctypes.c_char * 32),
        ("model", ctypes.c_char * 16),
        ("serial", ctypes.c_char * 16),
        ("flags", _Long),
        ("sessions", _Long * 4),
        ("pin_max", _Long),
        ("pin_min", _Long),
        ("memory", _Long * 4),
        ("hardware", _Version),
        ("firmware", _Version),
        ("time", ctypes.c_char * 16),
    )


class _SessionInfo(ctypes.Structure):
    _pack_ = _PACKING
    _fields_ = (("slot", _Long), ("state", _Long), ("flags", _Long), ("device_error", _Long))


class _Attribute(ctypes.Structure):
    _pack_ = _PACKING
    _fields_ = (("type", _Long), ("value", _Pointer), ("length", _Long))


class _Mechanism(ctypes.Structure):
    _pack_ = _PACKING
    _fields_ = (("mechanism", _Long), ("parameter", _Pointer), ("parameter_length", _Long))


class Cryptoki:
    """The function list of a library that python-pkcs11 has loaded and initialised from the same path."""

    def __init__(self, path: Path) -> None:
        """Raises OSError for a file that is no library, CryptokiError, AttributeError without C_GetFunctionList."""
        self._library = ctypes.CDLL(str(path))
        functions = ctypes.POINTER(_FunctionList)()
        rv = self._library.C_GetFunctionList(ctypes.byref(functions))
        if rv:
            raise CryptokiError("GET_FUNCTION_LIST", rv)
        self._functions = functions.contents.functions
        self._over = False

    def finalize(self) -> None:
        """The library may be initialised again and give a handle of before to somebody else: here, none is known."""
        try:
            self._call(_Function.FINALIZE, None)
        finally:
            self._over = True

    def token_info(self, slot: int) -> TokenInfo:
        info = _TokenInfo()
        self._call(_Function.GET_TOKEN_INFO, _Long(slot), ctypes.byref(info))
        names = (_text(info, "label"), _text(info, "manufacturer"), _text(info, "model"))
        return TokenInfo(*names, info.flags, info.pin_min, info.pin_max)

    def logged_in(self, session: int) -> bool:
        """CKS_RO_USER_FUNCTIONS or CKS_RW_USER_FUNCTIONS: what the library holds true, not the card."""
        info = _SessionInfo()
        self._call(_Function.GET_SESSION_INFO, _Long(session), ctypes.byref(info))
        return info.state in (1, 3)

    def login(self, session: int, user: User, pin: Pin | None) -> None:
        """C_Login straight from the PIN's buffer; None: typed on the reader (PROTECTED_AUTHENTICATION_PATH)."""
        if pin is None:
            self._call(_Function.LOGIN, _Long(session), _Long(user), None, _Long(0))
            return
        memory = (ctypes.c_ubyte * len(pin)).from_buffer(pin.memory())
        self._call(_Function.LOGIN, _Long(session), _Long(user), ctypes.byref(memory), _Long(len(pin)))

    def logout(self, session: int) -> None:
        self._call(_Function.LOGOUT, _Long(session))

    def close_session(self, session: int) -> None:
        self._call(_Function.CLOSE_SESSION, _Long(session))

    def allowed_mechanisms(self, session: int, key: int) -> set[int]:
        """CKA_ALLOWED_MECHANISMS (PKCS#11 v2.40 §4.8); empty where the key has none of its own."""
        values = (_Long * _MAX_MECHANISMS)()
        wanted = _Attribute(_ALLOWED_MECHANISMS, ctypes.addressof(values), ctypes.sizeof(values))
        try:
            self._call(_Function.GET_ATTRIBUTE_VALUE, _Long(session), _Long(key), ctypes.byref(wanted), _Long(1))
        except CryptokiError:
            return set()
        count = 0 if wanted.length == _UNAVAILABLE else wanted.length // ctypes.sizeof(_Long)
        return set(values[: min(count, _MAX_MECHANISMS)])

    def sign_init(self, session: int, mechanism: int, key: int, parameter: tuple[int, ...] = ()) -> None:
        """A context-specific login comes between this and `sign` (PKCS#11 v2.40 §5.6, C_Login).

        `parameter`: the fields of a mechanism's parameter that consists of CK_ULONGs.
        """
        fields = (_Long * len(parameter))(*parameter)
        where = ctypes.cast(fields, _Pointer) if parameter else None
        chosen = _Mechanism(mechanism, where, ctypes.sizeof(fields))
        self._call(_Function.SIGN_INIT, _Long(session), ctypes.byref(chosen), _Long(key))

    def sign(self, session: int, data: bytes) -> bytes:
        signature = (ctypes.c_ubyte * _MAX_SIGNATURE)()
        length = _Long(_MAX_SIGNATURE)
        self._call(
            _Function.SIGN, _Long(session), data, _Long(len(data)), ctypes.byref(signature), ctypes.byref(length)
        )
        return bytes(signature[: length.value])

    def _call(self, function: _Function, *arguments: Any) -> None:
        """ctypes lets other threads run meanwhile. Raises CryptokiError for everything but CKR_OK."""
        if self._over:
            raise CryptokiError(function.name, Rv.CRYPTOKI_NOT_INITIALIZED)
        types = [_Long if isinstance(argument, _Long) else _Pointer for argument in arguments]
        rv = ctypes.CFUNCTYPE(_Long, *types)(self._functions[function])(*arguments)
        if rv:
            raise CryptokiError(function.name, rv)


def _text(info: _TokenInfo, field: str) -> str:
    """A UTF-8 field padded with blanks; ctypes ends it at a zero byte, with which some libraries pad instead."""
    value: bytes = getattr(info, field)
    return value.decode("utf-8", "replace").rstrip()
