"""The key that signs what leaves the server."""

import pytest

from bot.errors import UsageError
from bot.web.seals import read_secret


def test_a_key_is_made_once_for_its_owner_alone(tmp_path):
    made = read_secret("", tmp_path / "var")
    assert len(made) >= 32
    assert read_secret("", tmp_path / "var") == made
    assert [path.name for path in (tmp_path / "var").iterdir()] == ["web.secret"]
    assert (tmp_path / "var" / "web.secret").stat().st_mode & 0o777 == 0o600


def test_what_an_interrupted_start_left_is_no_key(tmp_path):
    (tmp_path / "web.secret").write_bytes(b"")
    with pytest.raises(UsageError, match="too short to be a key: delete it"):
        read_secret("", tmp_path)
