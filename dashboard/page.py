# /// script
# [tool.marimo.display]
# theme = "light"
# ///
"""The interactive page, a marimo app: marts -> panels -> browser. Run: make dashboard."""

import marimo

app = marimo.App(width="full", app_title="Consent metrics", css_file="style.css")


@app.cell
def _():
    import marimo as mo

    from dashboard import session

    marts = session.open_marts()
    start = session.start(marts)
    return marts, mo, session, start


@app.cell
def _(mo, session, start):
    mo.stop(start.problem, mo.Html(session.message(start.problem)))
    company, industry, country, device, sdk, days = session.controls(mo, start)
    mo.Html(session.header(start))
    return company, country, days, device, industry, sdk


@app.cell
def _(company, country, days, device, industry, mo, sdk, session):
    mo.Html(session.filter_bar(company, industry, country, device, sdk, days))
    return


@app.cell
def _(company, country, days, device, industry, marts, mo, sdk, session):
    _view = session.view(marts, company, industry, country, device, sdk, days)
    mo.Html(session.filtered(_view))
    return


@app.cell
def _(company, industry, marts, mo, session):
    _view = session.view(marts, company, industry)
    mo.Html(session.by_company(_view))
    return


@app.cell
def _(mo, session):
    mo.Html(session.footer())
    return


if __name__ == "__main__":
    app.run()
