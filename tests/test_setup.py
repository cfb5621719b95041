"""The set-up is what it says it is: versions, configuration, package, theme."""

import subprocess
import sys
import tomllib
from importlib import metadata
from pathlib import Path

import pytest
from streamlit import config

ROOT = Path(__file__).parent.parent
STREAMLIT_CONFIG = ROOT / ".streamlit" / "config.toml"
READABLE = 4.5  # the contrast that WCAG 2.2 asks of text, level AA
VISIBLE = 3.0  # and of the parts of a control


def pins(file: str) -> dict[str, str]:
    lines = (ROOT / file).read_text().splitlines()
    return dict(line.split("==") for line in lines if line and not line.startswith(("#", "-r")))


def settings() -> dict:
    return tomllib.loads(STREAMLIT_CONFIG.read_text())


def flattened(table: dict, prefix: str = "") -> dict:
    flat = {}
    for key, value in table.items():
        flat |= (
            flattened(value, f"{prefix}{key}.")
            if isinstance(value, dict)
            else {prefix + key: value}
        )
    return flat


@pytest.mark.parametrize(
    ("name", "version"), [*pins("requirements.txt").items(), *pins("requirements-dev.txt").items()]
)
def test_what_is_installed_is_what_is_pinned(name, version):
    installed = metadata.version(name).partition("+")[0]  # torch may add the kind of build
    assert installed == version, f"{name} {installed} is installed, {version} is pinned: make test"


def test_torch_and_torchvision_import_together():
    import torch
    import torchvision

    boxes = torch.tensor([[0.0, 0.0, 2.0, 2.0], [0.0, 0.0, 2.0, 2.0]])
    # nms is one of the compiled operators, which are missing if the two do not fit.
    assert torchvision.ops.nms(boxes, torch.tensor([0.5, 0.9]), 0.5).tolist() == [1]


def test_streamlit_still_lets_us_turn_the_collection_after_every_run_off():
    assert "runner.postScriptGC" in config.get_config_options(force_reparse=True)
    assert settings()["runner"]["postScriptGC"] is False


def test_streamlit_asks_for_that_option_after_every_run():
    from streamlit.runtime.scriptrunner import script_runner

    assert 'config.get_option("runner.postScriptGC")' in Path(script_runner.__file__).read_text()


@pytest.mark.parametrize("name", flattened(settings()))
def test_streamlit_knows_every_option_we_set(name):
    assert name in config.get_config_options()


def test_nothing_is_told_to_others_and_no_error_leads_to_the_web():
    set_to = flattened(settings())
    assert set_to["browser.gatherUsageStats"] is False
    assert set_to["browser.serverAddress"] == "localhost"
    assert set_to["client.showErrorLinks"] is False
    assert set_to["client.showErrorDetails"] == "none"


def test_nothing_in_the_theme_comes_from_the_web():
    assert "http" not in STREAMLIT_CONFIG.read_text()


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("behind", ["backgroundColor", "secondaryBackgroundColor"])
@pytest.mark.parametrize("text", ["textColor", "linkColor", "grayTextColor"])
def test_text_is_readable(theme, behind, text):
    colours = settings()["theme"][theme]
    assert contrast(colours[text], colours[behind]) >= READABLE


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("behind", ["backgroundColor", "secondaryBackgroundColor"])
def test_a_button_stands_out_and_its_white_label_is_readable(theme, behind):
    colours = settings()["theme"][theme]
    assert contrast("#ffffff", colours["primaryColor"]) >= READABLE
    assert contrast(colours["primaryColor"], colours[behind]) >= VISIBLE


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("hue", ["red", "orange", "yellow", "green", "blue", "violet", "gray"])
def test_coloured_text_is_readable_on_the_page_and_on_its_own_colour(theme, hue):
    colours = settings()["theme"][theme]
    for behind in (colours["backgroundColor"], colours[f"{hue}BackgroundColor"]):
        assert contrast(colours[f"{hue}TextColor"], behind) >= READABLE


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    # The first is the definition's extreme, the second a well-known border case of WCAG.
    [("#000000", "#ffffff", 21.0), ("#767676", "#ffffff", 4.54), ("#56b4e9", "#56b4e9", 1.0)],
)
def test_the_contrast_is_that_of_wcag(one, other, expected):
    assert contrast(one, other) == pytest.approx(expected, abs=0.005)


def test_the_package_brings_the_command_rnnviz():
    import rnnviz

    assert metadata.version("rnnviz") == rnnviz.__version__
    commands = metadata.entry_points(group="console_scripts", name="rnnviz")
    assert [command.value for command in commands] == ["rnnviz.cli:main"]


def test_the_command_rnnviz_can_be_loaded():
    (command,) = metadata.entry_points(group="console_scripts", name="rnnviz")
    assert callable(command.load())


def test_the_package_asks_for_what_is_pinned():
    asked = {line.partition("==")[0]: line for line in metadata.requires("rnnviz") or []}
    expected = {name: f"{name}=={version}" for name, version in pins("requirements.txt").items()}
    assert asked == expected


def test_what_is_installed_holds_everything_that_is_shipped(tmp_path):
    """Checkpoints, stages, records of experiments, and the files of the browser components."""
    command = ["setup.py", "--quiet", "build_py", "--build-lib", str(tmp_path)]
    subprocess.run([sys.executable, *command], cwd=ROOT, check=True, capture_output=True)
    kinds = ("*.safetensors", "*.json")
    shipped = [file for kind in kinds for file in (ROOT / "pretrained").rglob(kind)]
    assert len({file.parent for file in shipped}) >= 3
    components = ROOT / "rnnviz" / "ui" / "components"
    browser = [file for kind in ("*.js", "*.css") for file in components.rglob(kind)]
    assert browser
    inside = [Path("rnnviz") / file.relative_to(ROOT) for file in shipped]
    inside += [file.relative_to(ROOT) for file in browser]
    assert [str(file) for file in inside if not (tmp_path / file).is_file()] == []


def test_no_secrets_lie_in_the_repository():
    assert not (ROOT / ".streamlit" / "secrets.toml").exists()
    assert not list(ROOT.glob("*.env")) + list(ROOT.glob("*.pem"))


def contrast(one: str, other: str) -> float:
    """Return the contrast of two colours, 1 to 21, as WCAG 2.2 defines it."""
    lighter, darker = sorted((luminance(one), luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def luminance(colour: str) -> float:
    """Return the relative luminance of "#rrggbb", 0 to 1, as WCAG 2.2 defines it."""
    channels = [int(colour[start : start + 2], 16) / 255 for start in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
