"""The plain data types that everything else is built on, and the routes."""

from rnnviz.core.batch_flow import BatchFlow
from rnnviz.core.gradient_flow import GradientFlow
from rnnviz.core.route import Route
from rnnviz.core.spectrum import JacobianSpectrum
from rnnviz.core.trace import Trace

__all__ = ["BatchFlow", "GradientFlow", "JacobianSpectrum", "Route", "Trace"]
