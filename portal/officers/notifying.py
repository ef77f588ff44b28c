"""What officers are told by mail, and the address of the page that it is about."""

from __future__ import annotations

from datetime import datetime

from portal.form.sections import division_lines
from portal.mail import office_letters
from portal.mail.office_letters import Facts
from portal.registration.admission import Reason
from portal.settings import Settings
from portal.store.mail_rows import Mail
from portal.store.rows import Contractor, Outcome, State


def path(reception: str) -> str:
    """Where officers see the registration of this 受付番号."""
    return f"/officers/registrations/{reception}"


def arrived(settings: Settings, contractor: Contractor, category: str, outcome: Outcome, now: datetime) -> list[Mail]:
    """Of a 仮登録 that an officer has to decide; none of one that the portal itself will settle."""
    if outcome.state is not State.PROVISIONAL or outcome.reasons == (Reason.REVOCATION_UNKNOWN,):
        return []
    facts, where = _facts(outcome.reception, contractor, category), _address(settings, outcome.reception)
    return office_letters.arrived(settings.agency, facts, outcome.reasons, where, settings.officers.mail, now)


def corrected(settings: Settings, contractor: Contractor, category: str, reception: str, now: datetime) -> list[Mail]:
    """Of a 仮登録 whose holder has changed what is to be decided."""
    facts, where = _facts(reception, contractor, category), _address(settings, reception)
    return office_letters.corrected(settings.agency, facts, where, settings.officers.mail, now)


def _facts(reception: str, contractor: Contractor, category: str) -> Facts:
    company = (("業者番号", contractor.number), ("商号又は名称", contractor.name))
    return (("受付番号", reception), *division_lines(category), *company)


def _address(settings: Settings, reception: str) -> str:
    return f"{settings.site.origin}{path(reception)}"
