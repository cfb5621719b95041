"""The page "Draw" as Streamlit runs it, without a browser."""

import io
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image, ImageDraw
from streamlit.testing.v1 import AppTest

import rnnviz
from rnnviz.data.preprocess import prepare_drawing
from rnnviz.data.sets import digits
from rnnviz.data.stroke_text import quantise
from rnnviz.data.strokes import Drawing
from rnnviz.models import Model, ModelConfig
from rnnviz.models.checkpoint import Checkpoint, save_checkpoint
from rnnviz.models.store import shipped_names
from rnnviz.ui import subject
from rnnviz.ui.components.common.encoding import decode
from rnnviz.ui.link import Picture, Reference, View, read_link, write_link
from rnnviz.ui.service import service
from rnnviz.ui.session import ROOM
from tests.ui.running import checked, sent_to

APP = Path(__file__).parent.parent.parent / "app.py"
DEFAULT = ["rnn-rows", "lstm-rows", "gru-rows", "lstm-grid"]
SEVEN = Drawing(
    (
        np.array([[0.3, 0.25, 0], [0.5, 0.25, 90], [0.72, 0.25, 200]]),
        np.array([[0.72, 0.25, 300], [0.6, 0.5, 400], [0.48, 0.8, 500]]),
    )
)
DOT = Drawing((np.array([[0.5, 0.5, 0.0]]),))


@pytest.fixture
def fresh_service():
    """The service of these runs alone, opened anew."""
    service.clear()
    yield
    service.clear()


def open_app(**query: str) -> AppTest:
    app = AppTest.from_file(str(APP), default_timeout=60)
    for name, value in query.items():
        app.query_params[name] = value
    return checked(app.run())


def send(app: AppTest, **values) -> AppTest:
    """Run the page as if the browser had sent these values."""
    app.session_state[ROOM] = values
    return checked(app.run())


def strokes(drawing: Drawing, serial: int = 1, final: bool = True, action: str = "draw") -> dict:
    lists = [stroke.tolist() for stroke in drawing.strokes]
    return {
        "strokes": lists,
        "width": drawing.width,
        "final": final,
        "serial": serial,
        "action": action,
    }


def room(app: AppTest) -> dict:
    """Return what the reading room was given to show."""
    return sent_to(app, "rnnviz_reading_room")


def query_of(app: AppTest) -> dict[str, str]:
    """Return the query that the page gives the browser's address."""
    from urllib.parse import parse_qsl

    return dict(parse_qsl(sent_to(app, "rnnviz_address")["query"]))


def image_of(app: AppTest) -> np.ndarray:
    return decode(room(app)["canvas"]["image"])


def said(app: AppTest) -> str:
    """Return all messages as they read, without the marks that keep Markdown off them."""
    return " ".join(warning.value for warning in app.warning).replace("\\", "")


def open_menu(app: AppTest, name: str) -> AppTest:
    app.session_state[f"draw-menu-{name}"] = True
    return checked(app.run())


def test_the_first_screen_is_alive():
    app = open_app()
    shown = room(app)
    assert [reader["name"] for reader in shown["readers"]] == [
        name for name in DEFAULT if name in shipped_names()
    ]
    assert shown["position"] is None, "it plays by itself"
    assert shown["canvas"]["source"] == "example"
    example = digits.load("test")[subject.OPENING.index]
    assert np.array_equal(image_of(app), example.image)
    assert not app.warning


def test_a_drawing_is_read_by_every_reader_as_the_model_itself_reads_it():
    app = send(open_app(), strokes=strokes(SEVEN))
    image = image_of(app)
    np.testing.assert_allclose(image, prepare_drawing(quantise(SEVEN)).image, atol=0.5 / 255)
    for reader in room(app)["readers"]:
        with torch.no_grad():
            logits = rnnviz.load(reader["name"])(torch.tensor(image)[None])
        expected = torch.softmax(logits[0], 0).numpy()
        np.testing.assert_allclose(reader["probabilities"], expected, atol=1e-5)


def test_the_canvas_is_left_to_the_browser_while_somebody_draws():
    app = open_app()
    before = room(app)["canvas"]["nonce"]
    app = send(app, strokes=strokes(SEVEN, 1, final=False))
    app = send(app, strokes=strokes(SEVEN, 2))
    assert room(app)["canvas"]["nonce"] == before


def test_a_stroke_that_has_only_begun_is_waited_for_without_a_word():
    app = open_app()
    before = image_of(app)
    app = send(app, strokes=strokes(DOT, final=False))
    assert room(app)["canvas"]["message"] == ""
    assert np.array_equal(image_of(app), before)


def test_a_dot_is_answered_with_what_to_do_and_stays_on_the_canvas():
    app = send(open_app(), strokes=strokes(SEVEN))
    before = image_of(app)
    app = send(app, strokes=strokes(DOT, 2))
    assert "Draw a whole digit" in room(app)["canvas"]["message"]
    assert len(room(app)["canvas"]["strokes"]) == 1
    assert np.array_equal(image_of(app), before)


def test_clearing_the_canvas_brings_the_example_back():
    app = open_app()
    first = image_of(app)
    app = send(app, strokes=strokes(SEVEN, 1))
    app = send(app, strokes=strokes(Drawing(), 2, action="clear"))
    assert np.array_equal(image_of(app), first)
    assert room(app)["canvas"]["message"] == ""


def test_the_link_opens_the_same_view_elsewhere():
    name = DEFAULT[1]
    app = open_app(models=f"{name},{DEFAULT[0]}")
    app = send(
        app,
        strokes=strokes(SEVEN),
        pin={"reader": name, "unit": 5, "serial": 1},
        step={"fraction": 0.375, "step": 10, "of": 28},
        gates=[name],
    )
    here, there = room(app), room(open_app(**query_of(app)))
    assert there["pinned"] == here["pinned"] == {"reader": name, "unit": 5}
    assert there["readers"] == here["readers"]
    assert there["canvas"]["strokes"] == here["canvas"]["strokes"]
    assert there["canvas"]["key"] == here["canvas"]["key"]
    assert there["position"] == pytest.approx(0.375)
    assert there["readers"][0]["gates"] and not there["readers"][1]["gates"]


def test_an_example_and_a_picture_can_be_linked_to():
    reference = Reference("digits", "test", 17)
    image = digits.load("test")[17].image
    for shown in (reference, Picture.of(image)):
        app = open_app(**write_link(View(shown=shown)))
        assert np.array_equal(image_of(app), image)
        assert read_link(query_of(app), DEFAULT)[0].shown == shown


GARBAGE = {
    "models": "lstm-rows,nobody",
    "drawing": "1%%%",
    "example": "digits/../../etc",
    "picture": "!!",
    "unit": "lstm-rows.x",
    "step": "7",
    "gates": "\x00",
}


@pytest.mark.parametrize("part", GARBAGE)
def test_a_garbled_part_of_a_link_is_named_and_everything_else_stays(part):
    good = {"models": "lstm-rows", "unit": "lstm-rows.3", "step": "4/28"}
    app = open_app(**(good | {part: GARBAGE[part]}))
    shown = room(app)
    assert [reader["name"] for reader in shown["readers"]] == ["lstm-rows"]
    assert (shown["pinned"] is None) == (part == "unit")
    assert (shown["position"] is None) == (part == "step")
    assert bool(said(app)) == (part != "gates")


def test_a_link_to_what_is_not_there_says_so():
    app = open_app(example="digits.test.99999")
    assert "has 360 examples" in room(app)["canvas"]["message"]
    app = open_app(example="nothing.test.1")
    assert "isn't here" in room(app)["canvas"]["message"]


def test_a_unit_that_the_reader_does_not_have_does_not_break_the_page():
    app = open_app(models="lstm-rows", unit="lstm-rows.9999")
    assert room(app)["readers"] and room(app)["pinned"] is None


def test_other_networks_can_be_chosen_and_the_drawing_stays():
    app = send(open_app(), strokes=strokes(SEVEN))
    image = image_of(app)
    app = open_menu(app, "networks")
    app = checked(app.multiselect(key="draw-readers").set_value([DEFAULT[1]]).run())
    assert [reader["name"] for reader in room(app)["readers"]] == [DEFAULT[1]]
    assert np.array_equal(image_of(app), image)
    app = checked(app.multiselect(key="draw-readers").set_value([]).run())
    assert [reader["name"] for reader in room(app)["readers"]] == [DEFAULT[1]]
    assert "At least one" in said(app)


def test_an_example_of_a_digit_is_shown_at_random():
    app = open_menu(open_app(), "picture")
    before = room(app)["canvas"]["nonce"]
    app.selectbox(key="draw-digit").set_value("3")
    app.run()
    app = checked(app.button(key="draw-random").click().run())
    reference = read_link(query_of(app), DEFAULT)[0].shown
    assert isinstance(reference, Reference)
    assert digits.load("test")[reference.index].label == 3
    assert room(app)["canvas"]["nonce"] != before


def png(image: Image.Image, kind: str = "PNG", **options) -> bytes:
    file = io.BytesIO()
    image.save(file, kind, **options)
    return file.getvalue()


def a_photo() -> Image.Image:
    photo = Image.new("L", (400, 300), 220)
    ImageDraw.Draw(photo).line([(140, 60), (250, 60), (180, 240)], fill=30, width=18)
    return photo


def upload(data: bytes, name: str, app: AppTest | None = None) -> AppTest:
    app = open_menu(app or open_app(), "picture")
    app.file_uploader(key="draw-upload").upload(name, data, "image/png")
    return checked(app.run())


def test_a_photo_is_read():
    app = upload(png(a_photo()), "seven.png")
    assert not said(app)
    assert room(app)["canvas"]["source"] == "file"
    assert image_of(app).max() > 0.9
    assert "picture" in query_of(app)


BAD_FILES = {
    "white": png(Image.new("L", (100, 100), 255)),
    "tiny": png(Image.new("L", (1, 1), 0)),
    "text": b"I am no picture.",
    "cut off": png(a_photo())[:200],
    "empty": b"",
}


@pytest.mark.parametrize("name", BAD_FILES)
def test_a_bad_picture_is_answered_and_the_drawing_stays(name):
    app = send(open_app(), strokes=strokes(SEVEN))
    image, link = image_of(app), query_of(app)
    app = upload(BAD_FILES[name], "bad.png", app)
    assert "bad.png" in said(app)
    assert np.array_equal(image_of(app), image)
    assert query_of(app) == link


def test_a_moving_gif_and_a_cmyk_jpeg_are_read_like_the_photo():
    gif = png(a_photo(), "GIF", save_all=True, append_images=[Image.new("L", (400, 300), 0)])
    cmyk = png(a_photo().convert("RGB").convert("CMYK"), "JPEG", quality=95)
    expected = image_of(upload(png(a_photo()), "photo.png"))
    for data in (gif, cmyk):
        assert np.abs(image_of(upload(data, "other.png")) - expected).mean() < 0.03


def test_what_was_pasted_is_read():
    import base64

    data = base64.b64encode(png(a_photo())).decode()
    app = send(open_app(), paste={"kind": "image", "data": data, "name": "clipboard"})
    assert room(app)["canvas"]["source"] == "file"


def a_checkpoint(folder: Path, **changes) -> bytes:
    torch.manual_seed(0)
    config = ModelConfig(**({"route": "columns", "cell": "gru", "units": 8} | changes))
    path = folder / "own.safetensors"
    save_checkpoint(Checkpoint("own", config, Model(config).state_dict()), path)
    return path.read_bytes()


def bring(app: AppTest, data: bytes, name: str) -> AppTest:
    app = open_menu(app, "networks")
    app.file_uploader(key="draw-model").upload(name, data, "application/octet-stream")
    return checked(app.run())


def test_a_network_of_ones_own_reads_along(tmp_path):
    app = bring(open_app(), a_checkpoint(tmp_path), "mine.safetensors")
    assert not said(app)
    names = [reader["name"] for reader in room(app)["readers"]]
    assert len(names) == 4 and names[-1].startswith("run-")
    # It is kept, so a link brings it to others and back after a reload.
    again = open_app(**query_of(app))
    assert [reader["name"] for reader in room(again)["readers"]] == names
    assert not said(again)


def test_a_network_that_cannot_be_kept_reads_along_until_one_leaves(
    tmp_path, monkeypatch, fresh_service
):
    blocked = tmp_path / "a file"
    blocked.touch()
    monkeypatch.setenv("RNNVIZ_RUNS", str(blocked / "runs"))
    app = bring(open_app(), a_checkpoint(tmp_path), "mine.safetensors")
    assert "isn't kept" in said(app) and "RNNVIZ_RUNS" in said(app)
    names = [reader["name"] for reader in room(app)["readers"]]
    assert len(names) == 4 and names[-1].startswith("own-")
    # Nobody else has it, so a link leaves it out.
    assert "own-" not in query_of(app)["models"]


def test_a_unit_of_an_upper_layer_can_be_pinned_and_none_above_it(tmp_path):
    data = a_checkpoint(tmp_path, route="rows", layers=2, directions=2)
    app = bring(open_app(), data, "stack.safetensors")
    own = room(app)["readers"][-1]
    assert (own["units"], own["layers"], own["sweepNames"]) == (16, 2, ["forwards", "backwards"])
    app = send(app, pin={"reader": own["name"], "unit": 15, "serial": 1})
    assert room(app)["pinned"] == {"reader": own["name"], "unit": 15}
    assert room(app)["readers"][-1]["pinned"]["layer"] == 1
    app = send(app, pin={"reader": own["name"], "unit": 16, "serial": 2})
    assert room(app)["pinned"] is None


def test_a_checkpoint_that_cannot_be_used_is_answered_and_the_choice_stays(tmp_path):
    app = open_app()
    before = room(app)["readers"]
    for data, name, word in (
        (b"\x80\x04\x95", "evil.pt", "pickle"),
        (b"PK\x03\x04 and so on", "model.pth", "pickle"),
        (b"nothing", "short.safetensors", "not a safetensors file"),
        (a_checkpoint(tmp_path, classes=3), "three.safetensors", "3 classes"),
    ):
        app = bring(app, data, name)
        assert word in said(app)
        assert room(app)["readers"] == before
