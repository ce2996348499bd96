"""The list of written files in each application's folder."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from celery_kustomize.tree.record import parse, render

_NAMES = st.from_regex(r"[a-z0-9][a-z0-9.-]{0,8}", fullmatch=True)
_PATHS = st.one_of(
    st.builds("base/{}".format, _NAMES),
    st.builds("base/{}/{}".format, _NAMES, _NAMES),
    st.builds("overlays/{}/{}".format, _NAMES, _NAMES),
)
_SOURCES = st.text(st.characters(exclude_categories=["Cc", "Cs", "Zl", "Zp"]), max_size=20)


def test_paths_stand_under_their_spec() -> None:
    text = render(
        {
            "overlays/production/kustomization.yaml": "../production.yaml",
            "base/shared.yaml": "../shop.yaml",
            "base/kustomization.yaml": "../shop.yaml",
        }
    )
    assert text == (
        "# Files that celery-kustomize wrote and may change or remove. Keep this file in Git.\n"
        "[../production.yaml]\n"
        "overlays/production/kustomization.yaml\n"
        "[../shop.yaml]\n"
        "base/kustomization.yaml\n"
        "base/shared.yaml\n"
    )


@given(st.dictionaries(_PATHS, _SOURCES))
def test_what_is_rendered_is_parsed_back(sources: dict[str, str]) -> None:
    assert parse(render(sources)) == sources


def test_only_paths_inside_our_folders_count() -> None:
    text = """\
<<<<<<< ours
[../shop.yaml]
base/a.yaml
=======
base/b.yaml
>>>>>>> theirs
/etc/passwd
../base/c.yaml
base/../../c.yaml
base/./d.yaml
base//e.yaml
base
base/
overlays/production
overlays/../x.yaml
src/main.py
.git/config
base/\x00
 base/f.yaml
"""
    assert parse(text) == {"base/a.yaml": "../shop.yaml", "base/b.yaml": "../shop.yaml"}
