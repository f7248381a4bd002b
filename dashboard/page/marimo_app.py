# /// script
# [tool.marimo.display]
# theme = "light"
# ///
# mypy: disable-error-code="no-untyped-def"
"""The interactive page, a marimo app: marts -> panels -> browser. Run: make dashboard.

marimo passes what one cell returns to the cells that name it as a parameter, and runs a cell again
when one of its controls changes. marimo's own format has no annotations, so mypy expects none here.
"""

import marimo

app = marimo.App(width="full", app_title="Consent metrics", css_file="style.css")


@app.cell
def _():
    import marimo as mo

    from dashboard.page import page_sections

    marts = page_sections.open_marts()
    start = page_sections.start(marts)
    return marts, mo, page_sections, start


@app.cell
def _(mo, page_sections, start):
    mo.stop(start.problem, mo.Html(page_sections.message(start.problem)))
    company, industry, country, device, sdk, days = page_sections.controls(mo, start)
    mo.Html(page_sections.header(start))
    return company, country, days, device, industry, sdk


@app.cell
def _(company, country, days, device, industry, mo, page_sections, sdk):
    mo.Html(page_sections.filter_bar(company, industry, country, device, sdk, days))
    return


@app.cell
def _(company, country, days, device, industry, marts, mo, page_sections, sdk):
    _selection = page_sections.select(marts, company, industry, country, device, sdk, days)
    mo.Html(page_sections.filtered(_selection))
    return


@app.cell
def _(company, industry, marts, mo, page_sections):
    _selection = page_sections.select(marts, company, industry)
    mo.Html(page_sections.by_company(_selection))
    return


@app.cell
def _(mo, page_sections):
    mo.Html(page_sections.footer())
    return


if __name__ == "__main__":
    app.run()
