"""Everything the page carries with it: fonts, scripts, their hashes, chart specs."""

import base64
import hashlib
import json
import re
from functools import cache
from importlib.resources import files
from typing import Any

import vl_convert

from pipelines.errors import PipelineError
from pipelines.reporting import theme

HERE = files("pipelines.reporting.site")

FONTS = (
    ("ibm-plex-sans", theme.SANS, 400),
    ("ibm-plex-sans", theme.SANS, 500),
    ("ibm-plex-sans", theme.SANS, 600),
    ("source-serif-4", theme.SERIF, 600),
)
"""Folder in `vendor/`, family and weight of each font the page uses."""

SMALL_FONTS = (FONTS[0], FONTS[3])
"""Fonts of a page that is one of hundreds: a browser draws the other weights."""

VEGA_LITE = "6.4"
"""The grammar the charts are written in; it compiles to the vendored Vega 6."""

NAMESPACE = re.compile(r' xmlns(:xlink)?="[^"]*"')
SOURCE_MAP = re.compile(r"//# sourceMappingURL=\S*")
IMPORT = re.compile(r"import \{([^}]*)\} from 'vega-util';")
EXPORT = re.compile(r"export \{\s*(\w+) as expressionInterpreter\s*\};")


def read(path: str) -> str:
    """Return a text file of this package."""
    return HERE.joinpath(path).read_text(encoding="utf-8")


@cache
def font_faces(*, is_small: bool = False) -> str:
    """Return the fonts as CSS, inside the page; of a small page two of them."""
    return "".join(_font_face(*font) for font in (SMALL_FONTS if is_small else FONTS))


def _font_face(folder: str, family: str, weight: int) -> str:
    file = f"vendor/{folder}/{folder}-latin-{weight}-normal.woff2"
    data = base64.b64encode(HERE.joinpath(file).read_bytes()).decode()
    return (
        f"@font-face{{font-family:'{family}';font-weight:{weight};"
        f"font-display:block;src:url(data:font/woff2;base64,{data}) format('woff2')}}"
    )


@cache
def scripts(*, has_charts: bool = True) -> tuple[str, ...]:
    """Return the page's scripts: Vega and its interpreter if it has charts, and ours.

    The interpreter is published as a module; it becomes a plain script, because a
    page opened from a file share may not import. With it Vega needs no `unsafe-eval`.

    Raises:
        PipelineError: A vendored file no longer has the form this relies on.
    """
    vega = SOURCE_MAP.sub("", read("vendor/vega/vega.min.js"))
    module = SOURCE_MAP.sub("", read("vendor/vega-interpreter/vega-interpreter.js"))
    module, imports = IMPORT.subn(r"const {\1} = vega;", module)
    module, exports = EXPORT.subn(r"window.vegaInterpreter = \1;", module)
    found = (vega, f"(() => {{\n{module}\n}})();", read("js/site.js"))
    if (imports, exports) != (1, 1) or any("</script" in text for text in found):
        raise PipelineError(
            "pipelines/reporting/site/vendor/ holds another release of Vega or its "
            "interpreter than the page is made for. See the README there."
        )
    return found if has_charts else found[2:]


@cache
def script_hashes() -> str:
    """Return the sources that the page's policy allows to run."""
    digests = (hashlib.sha256(text.encode()).digest() for text in scripts())
    return " ".join(f"'sha256-{base64.b64encode(d).decode()}'" for d in digests)


def compile_chart(spec: dict[str, Any]) -> dict[str, Any]:
    """Compile a Vega-Lite specification to Vega, without the address of its schema."""
    compiled = vl_convert.vegalite_to_vega(spec, vl_version=VEGA_LITE)
    return {key: value for key, value in compiled.items() if key != "$schema"}


def drawing(spec: dict[str, Any]) -> str:
    """Draw a Vega-Lite specification now, as SVG that can stand inside a page.

    For pages that are many and small: Vega alone weighs more than all they say. The
    names of namespaces go, since HTML knows them.
    """
    svg = vl_convert.vegalite_to_svg(spec, vl_version=VEGA_LITE)
    return NAMESPACE.sub("", svg)


def embed(data: Any) -> str:
    """Write data as JSON that can stand inside a script element."""
    text = json.dumps(data, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    return text.replace("<", "\\u003c").replace("\u2028", "\\u2028")
