"""Which conversations were shown help lately."""

from bot.rasa.channels.turn import Helped


def test_help_is_short_again_only_while_the_first_is_fresh():
    now = [0.0]
    helped = Helped(seconds=100, clock=lambda: now[0])
    helped.add("slack:U1:D1", "personal")
    now[0] = 99
    assert helped.times("slack:U1:D1", "personal") == 1
    assert not helped.times("slack:U1:D1", "imminent")
    helped.add("slack:U1:D1", "personal")
    assert helped.times("slack:U1:D1", "personal") == 2
    now[0] = 101
    assert helped.times("slack:U1:D1", "personal") == 1
    assert not helped.times("slack:U2:D2", "personal")
