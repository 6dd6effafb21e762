from pathlib import Path

from evidence.settings import Settings, load

EXAMPLE = Path(__file__).parents[2] / "config" / "evidock.example.toml"


def test_the_example_settings_load_and_differ_from_the_defaults() -> None:
    settings = load(EXAMPLE, {})

    assert settings != Settings()
    assert settings.player.language == "zh"
