"""What the data says about people and companies, in words: the strongest of all candidates.

Selection -> candidates -> the three with the most evidence. Each has its figures, how sure they
are, what not to conclude, and a query on the marts that gives them.
"""

from dashboard.findings.finding import Finding
from dashboard.findings.strongest import candidates, caveats, findings

__all__ = ["Finding", "candidates", "caveats", "findings"]
