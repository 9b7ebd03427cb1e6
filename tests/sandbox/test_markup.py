"""General rules of formatted text."""

import html

from hypothesis import given
from hypothesis import strategies as st

from sandbox.markup import parse_html, recognise, trim, units

TEXTS = st.text(
    st.characters(exclude_categories=["Cs"]) | st.sampled_from("<>&\"'/ab 👍"), max_size=60
)
TAGS = st.sampled_from(["b", "i", "u", "s", "code", "pre", "blockquote", "tg-spoiler"])


@given(TEXTS)
def test_escaped_text_comes_out_as_it_was(text):
    assert parse_html(html.escape(text, quote=False)) == (text, [])


@given(TEXTS, TEXTS, TEXTS, TAGS)
def test_an_entity_covers_exactly_what_stands_between_its_tags(before, inside, after, tag):
    quoted = [html.escape(part, quote=False) for part in (before, inside, after)]
    text, entities = parse_html(f"{quoted[0]}<{tag}>{quoted[1]}</{tag}>{quoted[2]}")
    assert text == before + inside + after
    places = [(entity["offset"], entity["length"]) for entity in entities]
    assert places == ([(units(before), units(inside))] if inside else [])


@given(TEXTS, TAGS)
def test_after_trimming_every_entity_lies_in_the_text(text, tag):
    source = f" \n<{tag}> {html.escape(text, quote=False)} </{tag}> "
    trimmed, entities = trim(*parse_html(source))
    assert trimmed == trimmed.strip()
    for entity in entities:
        assert entity["offset"] >= 0
        assert entity["length"] > 0
        assert entity["offset"] + entity["length"] <= units(trimmed)


def test_commands_links_and_mentions_are_recognised_where_they_stand():
    text = (
        "👍 /help, see https://example.org/a. or t.me/bot?start=x, ask @drlee; not a/b mail@x.org"
    )
    words = text.encode("utf-16-le")
    found = [
        (e["type"], words[e["offset"] * 2 : (e["offset"] + e["length"]) * 2].decode("utf-16-le"))
        for e in recognise(text, [])
    ]
    assert found == [
        ("bot_command", "/help"),
        ("url", "https://example.org/a"),
        ("url", "t.me/bot?start=x"),
        ("mention", "@drlee"),
    ]


def test_code_keeps_its_language_and_nothing_is_recognised_inside():
    text, entities = parse_html('<pre><code class="language-python">/x</code></pre>')
    assert recognise(text, entities) == [
        {"type": "pre", "language": "python", "offset": 0, "length": 2}
    ]
