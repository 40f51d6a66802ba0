"""Tell Latin-1 from Windows-1252, which differ in 32 bytes."""

WINDOWS_BYTES = bytes(range(0x80, 0xA0))
"""Dashes, quotes, the euro sign and some letters in Windows-1252; in Latin-1 control
characters, which no table holds."""


def is_latin_1(chunk: bytes) -> bool:
    """Tell whether bytes can be text in Latin-1.

    Examples:
        >>> is_latin_1("Süd".encode("latin-1")), is_latin_1("5 €".encode("cp1252"))
        (True, False)
    """
    return len(chunk.translate(None, WINDOWS_BYTES)) == len(chunk)
