"""Counters for the web person, in Prometheus' text form; nothing in them tells of one visitor."""

from __future__ import annotations

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest

REGISTRY = CollectorRegistry()
REPLIES = Counter("faqbot_replies", "Replies by kind and channel", ["kind", "channel"], registry=REGISTRY)
SECONDS = Histogram("faqbot_reply_seconds", "Time to make a reply", ["channel"], registry=REGISTRY)
KNOWLEDGE_VALID = Gauge(
    "faqbot_knowledge_valid", "1 where the knowledge files hold, 0 where an edit is being held back", registry=REGISTRY
)


def metrics_text() -> str:
    """All metrics."""
    from bot.runtime import runtime

    KNOWLEDGE_VALID.set(0 if runtime().live.problems else 1)
    return generate_latest(REGISTRY).decode()
