from __future__ import annotations

import pytest

from celery_kustomize.k8s.go_expressions import ExpressionError, expression


@pytest.mark.parametrize(
    ("text", "matching", "others"),
    [
        ("shop", ["shop"], ["shop-web", "ashop", ""]),
        ("shop.*", ["shop", "shop-web"], ["ashop"]),
        ("^shop-.+$", ["shop-web"], ["shop-", "shop"]),
        ("shop-(web|worker-[ab])", ["shop-web", "shop-worker-b"], ["shop-worker-c", "shop-"]),
        ("a|b", ["a", "b"], ["ab", ""]),
        (r"a\.b", ["a.b"], ["axb"]),
        ("a.b", ["a.b", "axb"], ["ab"]),
        (r"\w+-\d{2,3}", ["a-12", "_-123"], ["a-1", "a-1234", "é-12"]),
        ("[^a-c]?x", ["x", "dx"], ["ax"]),
        ("(?:ab)*", ["", "abab"], ["aba"]),
        ("(?P<name>a)+", ["aaa"], [""]),
        ("a{2}", ["aa"], ["a", "aaa"]),
        ("a{2,}?", ["aa", "aaaa"], ["a"]),
        ("a{0}", [""], ["a"]),
        ("()", [""], ["a"]),
        ("]{", ["]{"], ["]"]),
        ("[]a]", ["]", "a"], ["b"]),
        ("^^a$$", ["a"], ["aa"]),
        ("a^b", [], ["ab", "a^b"]),
    ],
)
def test_whole_texts_are_matched(text: str, matching: list[str], others: list[str]) -> None:
    for each in matching:
        assert expression(text).matches(each), each
    for each in others:
        assert not expression(text).matches(each), each


@pytest.mark.parametrize(
    "text", ["(a+)+b", "(a*)*b", "(a|a)*b", "(a?){1000}b", "(.*)(.*)(.*)(.*)b"]
)
def test_what_other_engines_try_for_ever(text: str) -> None:
    assert not expression(text).matches("a" * 250)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("(a", 'a ")" is missing'),
        ("a)", 'a ")" has no "(" before it'),
        ("*a", 'there is nothing before "*" to repeat'),
        ("a**", '"**" repeats a repetition'),
        ("a{2}{3}", '"{2}{3}" repeats a repetition'),
        ("a{1001}", "{1001} is no number of times"),
        ("a{3,2}", "{3,2} is no number of times"),
        ("((a{1000}){1000})", "it repeats too much"),
        ("[z-a]", '"[z-a]": bad character range z-a'),
        ("[a", '"[a" is wrong, or not understood here'),
        ("(?=a)", '"(?=a" is not understood here'),
        ("(?i)a", '"(?i)" is not understood here'),
        (r"\pL", '"\\\\pL" is wrong, or not understood here'),
        ("a\\", '"\\\\" is wrong, or not understood here'),
        ("(" * 60 + ")" * 60, "it has too many groups inside each other"),
        ("a" * 1001, "it is longer than 1000 characters"),
    ],
)
def test_what_is_refused(text: str, message: str) -> None:
    with pytest.raises(ExpressionError) as caught:
        expression(text)
    assert str(caught.value) == message
