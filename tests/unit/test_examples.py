"""The examples in docstrings do what they say."""

import doctest
import importlib
import pkgutil

import pytest

import bot

MODULES = sorted(module.name for module in pkgutil.walk_packages(bot.__path__, "bot."))


@pytest.mark.parametrize("name", MODULES)
def test_examples_hold(name):
    assert doctest.testmod(importlib.import_module(name)).failed == 0
