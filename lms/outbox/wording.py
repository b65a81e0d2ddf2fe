"""Notices and messages in the reader's words."""

import logging
from typing import Any

from lms.outbox.models import Message, Notice
from lms.outbox.rules import revive
from lms.web.i18n import reader, say

log = logging.getLogger(__name__)


def notice_text(notice: Notice) -> str:
    """Return what a notice tells, in the language and zone of whoever reads it now."""
    try:
        return say(f"notice_{notice.template}", **revive(notice.params, reader().language))
    except (KeyError, TypeError, ValueError):
        # Stored by another version, whose words took other parameters: that must not hide all the others.
        log.warning("notice %s (%s) cannot be worded", notice.id, notice.template)
        return say("notice_unreadable")


def mail_words(message: Message, **more: Any) -> tuple[str, str]:
    """Return subject (one line) and body of a letter for the current reader; `more` adds name, link and help."""
    params = revive(message.params, reader().language) | more
    subject = say(f"mail_{message.template}_subject", **params)
    return " ".join(subject.split()), say(f"mail_{message.template}_body", **params)
