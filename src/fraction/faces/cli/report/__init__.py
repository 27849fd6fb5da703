"""The report of a demonstration: one HTML page that needs nothing else."""

from fraction.faces.cli.report.page import render_report

__all__ = ["render_report"]
