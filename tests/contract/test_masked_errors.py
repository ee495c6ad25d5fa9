"""A database that cannot be reached is told about without its password, whatever the driver says."""

from __future__ import annotations

import pytest

from archive.config import ConfigError
from archive.storage.engine import open_engine
from archive.storage.schema import DatabaseError, schema_of

SECRET = "s3cr3t"

ADDRESSES = [
    f"postgresql+psycopg://me:{SECRET}@localhost:1/news",
    f"postgresql://me:%20{SECRET}%40@localhost:1/news",
    f"postgresql+psycopg://me@localhost:1/news?password={SECRET}&application_name=x",
    f"postgresql+psycopg://me@localhost:1/news?sslpassword={SECRET}",
    f"postgresql+psycopg://me@localhost:1/news?PASSWORD={SECRET}",
    f"postgresql+psycopg://me%3A{SECRET}@localhost:1/news",
    f"postgresql+psycopg://me:one@{SECRET}@localhost:1/news",
    f"postgresql+psycopg://me:one/{SECRET}@localhost:1/news",
    f"postgresql+psycopg://me:{SECRET}/news",
    f"postgresql+psycopg://me:1/{SECRET}@localhost/news",
    f"postgresql+psycopg:///host=localhost port=1 password='{SECRET} it'",
    f"postgresql+psycopg://localhost:1/news?options=-c%20x.password%3D{SECRET}",
    f"host=localhost port=1 password={SECRET} dbname=news",
    f"not an address://me:{SECRET}@localhost",
    f"mysql://me:{SECRET}@localhost/news",
    SECRET,
]


@pytest.mark.parametrize("address", ADDRESSES)
def test_no_error_shows_the_password(address: str) -> None:
    with pytest.raises((ConfigError, DatabaseError)) as caught:  # nothing listens on port 1
        schema_of(open_engine(address))
    assert SECRET not in f"{caught.value.message} {caught.value.hint}"
