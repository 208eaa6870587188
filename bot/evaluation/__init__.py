"""Measuring the bot: evaluation sets, metrics with intervals, baselines and the report."""
