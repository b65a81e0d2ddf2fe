"""One line of migrations, equal to the models, up and down on both engines."""

from pathlib import Path
from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import create_engine, inspect

from lms.db import Base
from lms.migrating import configuration, downgrade, head, import_models, revision_of, upgrade


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> Any:
    """An empty database on each engine."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'm.sqlite'}"
    address = request.getfixturevalue("postgres_url")
    downgrade(address, "base")
    request.addfinalizer(lambda: downgrade(address, "base"))
    return address


def tables(url: str) -> set[str]:
    engine = create_engine(url)
    try:
        return set(inspect(engine).get_table_names()) - {"alembic_version"}
    finally:
        engine.dispose()


def test_there_is_one_head_and_the_names_are_numbered_sentences() -> None:
    script = ScriptDirectory.from_config(configuration())
    assert len(script.get_heads()) == 1
    numbers = sorted(revision.revision for revision in script.walk_revisions())
    assert numbers == [f"{n:04d}" for n in range(1, len(numbers) + 1)]
    for revision in script.walk_revisions():
        assert Path(revision.path).name.startswith(f"{revision.revision}_")
        assert "auto" not in Path(revision.path).stem


def test_up_gives_what_the_models_say_and_down_takes_all_of_it_away(url: str) -> None:
    import_models()
    assert upgrade(url)
    engine = create_engine(url)
    with engine.connect() as connection:
        assert revision_of(connection) == head()
        context = MigrationContext.configure(connection, opts={"compare_type": True, "render_as_batch": True})
        assert [d for d in compare_metadata(context, Base.metadata) if not _is_expression_index(d)] == []
    engine.dispose()
    assert tables(url) == set(Base.metadata.tables)
    assert not upgrade(url)
    assert downgrade(url, "base")
    assert tables(url) == set()
    assert upgrade(url)


def _is_expression_index(difference: Any) -> bool:
    """Return whether the difference is an index over an expression, which SQLite cannot report."""
    return difference[0] in ("add_index", "remove_index") and "uq_unit_name_parent" in str(difference[1].name)


def test_the_index_that_cannot_be_compared_is_there(url: str) -> None:
    upgrade(url)
    engine = create_engine(url)
    with engine.begin() as connection:
        connection.exec_driver_sql("insert into unit (id, name) values (1, 'Dinas')")
        with pytest.raises(Exception, match=r"(?i)unique"):
            connection.exec_driver_sql("insert into unit (id, name) values (2, 'Dinas')")
    engine.dispose()


def test_a_sqlite_file_is_kept_before_it_is_changed(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'm.sqlite'}"
    upgrade(url)
    assert list(tmp_path.glob("*.before-*")) == []
    downgrade(url, "base")
    assert [path.name for path in tmp_path.glob("*.before-*")] == [f"m.sqlite.before-{head()}"]
