"""Rasa's action server (`rasa run actions`): what has side effects and may run elsewhere. No reply depends on it.

It holds one action on purpose. Answers are made inside Rasa's own process (docs/adr), the web chat counts its thumbs
without Rasa, and handing a conversation to a person needs the clinic's phone system or mail server, which the clinic
adds here as an action of its own. `action_record_feedback` shows how: it is for a channel of the clinic's own whose
buttons send `/give_feedback{"helpful": "no"}`. As shipped no rule runs it, since the shipped channels take commands
from nobody; to use it, name it in `domain.yml` and at the end of the rule for `give_feedback`.

The server listens on every network interface and checks no caller, so keep its port (5055) behind a firewall or on a
private network. While it is away, Rasa logs one line and the visitor keeps the reply that was already made.
"""
