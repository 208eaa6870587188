"""Which conversations were shown help lately."""

from bot.rasa.channels.turn import Helped


def test_help_is_short_again_only_while_the_first_is_fresh():
    now = [0.0]
    helped = Helped(seconds=100, clock=lambda: now[0])
    helped.add("slack:U1:D1", "personal")
    now[0] = 99
    assert helped.kinds("slack:U1:D1") == {"personal"}
    now[0] = 101
    assert not helped.kinds("slack:U1:D1")
    assert not helped.kinds("slack:U2:D2")
