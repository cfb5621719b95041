"""The figures of the section "Why" show the spectra and half-lives they are given."""

from typing import Any

import numpy as np
import pytest

from rnnviz import plots
from rnnviz.core.spectrum import RESOLVED, JacobianSpectrum

singular_values: Any = plots.singular_values
preservation_curve: Any = plots.preservation_curve
gain_film: Any = plots.gain_film
gain_curves: Any = plots.gain_curves
half_life_bars: Any = plots.half_life_bars


def powers(radius: float, largest: float | None = None, steps: int = 20) -> JacobianSpectrum:
    """Return the spectrum of a product of ``radius`` times the identity: all values are equal."""
    back = np.arange(steps - 1, -1, -1)
    values = np.log10(radius) * back[:, None] + np.zeros(6)
    bound = None if largest is None else 1.0
    size = None if largest is None else radius
    return JacobianSpectrum(
        np.arange(steps), values, size, largest, bound, np.full(steps - 1, radius)
    )


def named(figure, start: str):
    (found,) = [trace for trace in figure.data if trace.name and trace.name.startswith(start)]
    return found


def axis(figure) -> tuple[float, float]:
    return tuple(figure.to_dict()["layout"]["yaxis"]["range"])


def test_the_thick_line_is_the_norm_of_the_product():
    spectrum = powers(0.5)
    assert np.allclose(named(singular_values(spectrum), "largest").y, spectrum.norms)


def test_the_bound_and_the_radius_are_powers_of_the_steps_back():
    figure = singular_values(powers(0.5, largest=2.0))
    assert named(figure, "bound").y[0] == pytest.approx(19 * np.log10(2))
    assert named(figure, "ρ").y[0] == pytest.approx(19 * np.log10(0.5))
    assert named(figure, "bound").y[-1] == named(figure, "ρ").y[-1] == 0


def test_a_cell_with_gates_has_neither():
    names = [trace.name for trace in singular_values(powers(0.5)).data]
    assert not any("σ₁" in name or "ρ" in name for name in names)


def test_bands_reach_down_to_what_float64_can_tell():
    """What isn't known lies below the band and must not make it jump upwards."""
    spectrum = powers(0.9)
    values = spectrum.values - np.arange(6)
    values[:10, 3:] = np.nan
    figure = singular_values(
        JacobianSpectrum(spectrum.steps, values, None, None, None, spectrum.preservation)
    )
    lower = np.asarray(named(figure, "all").y)[len(spectrum.steps) :][::-1]
    assert np.allclose(lower[:10], spectrum.norms[:10] - RESOLVED)
    assert np.allclose(lower[10:], values[10:, 5])
    assert np.isnan(named(figure, "median").y[:10]).sum() in (0, 10)


def test_the_film_has_a_picture_for_every_gain_with_an_axis_of_its_own():
    spectra = {gain: powers(0.6 * gain, 1.1 * gain) for gain in (0.5, 1.0, 3.0)}
    film = gain_film(spectra, 1.1)
    assert [frame.name for frame in film.frames] == ["0.5", "1", "3"]
    (slider,) = film.layout.sliders
    assert slider.active == 1
    assert [step.args[0][0] for step in slider.steps] == ["0.5", "1", "3"]
    for frame, spectrum in zip(film.frames, spectra.values(), strict=True):
        still = singular_values(spectrum)
        assert frame.layout.yaxis.range == pytest.approx(axis(still))
        norm = next(trace for trace in frame.data if trace.name.startswith("largest"))
        assert np.allclose(norm.y, spectrum.norms)
        assert len(frame.data) == len(film.data)


def test_a_product_that_is_zero_is_marked_as_such():
    spectrum = powers(0.5)
    values = spectrum.values.copy()
    values[:4] = -np.inf
    figure = singular_values(
        JacobianSpectrum(spectrum.steps, values, None, None, None, spectrum.preservation)
    )
    assert list(named(figure, "exactly 0").x) == [1, 2, 3, 4]


@pytest.mark.parametrize("radius", [0.1, 0.99, 1.0, 1.5, 30.0])
def test_axes_fit_what_is_shown(radius):
    low, high = axis(singular_values(powers(radius)))
    end = 19 * np.log10(radius)
    assert low < min(end, 0)
    assert high > max(end, 0)
    assert high - low <= max(abs(end), 0.5) * 1.2


def test_preservation_tells_omega():
    figure = preservation_curve(powers(0.5))
    assert np.allclose(figure.data[0].y, np.log10(0.5))
    assert f"Ω = {19 * 0.25:.3g}" in figure.layout.title.text


def test_the_gain_is_marked_on_the_way_from_vanishing_to_exploding():
    spectra = {gain: powers(0.6 * gain, 1.1 * gain) for gain in (0.5, 1.0, 2.0, 4.0)}
    figure = gain_curves(spectra, 2.0)
    assert np.allclose(named(figure, "measured").y, np.log10([0.3, 0.6, 1.2, 2.4]))
    assert np.allclose(named(figure, "γσ₁").y, np.log10([0.55, 1.1, 2.2, 4.4]))
    assert any(shape.x0 == shape.x1 == 2.0 for shape in figure.layout.shapes)


def test_what_lies_above_the_level_of_one_is_said_there_and_only_to_grow():
    """A factor a little above 1 makes a gradient grow; whether it explodes the steps decide."""
    figure = gain_curves({gain: powers(0.6 * gain, 1.1 * gain) for gain in (0.5, 2.0)}, 2.0)
    (label,) = figure.layout.annotations
    assert label.text == "above 1 it grows"
    assert (label.y, label.yanchor) == (0, "bottom"), "its lower edge is on the line"


def test_half_lives_stand_by_their_length_and_tell_their_unit():
    lives = np.array([1.0, 50.0, 0.2, np.inf])
    (bars,) = half_life_bars(lives, 28).data
    assert [int(unit) for unit in bars.customdata[:, 0]] == [3, 1, 0, 2]
    tops = np.asarray(bars.y) + bars.base
    assert tops[1:] == pytest.approx(np.log10([50, 1, 0.2]))
    assert np.isfinite(tops).all()
    colours = bars.marker.color
    assert colours[0] == colours[1] != colours[2] == colours[3]
