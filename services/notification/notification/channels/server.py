"""The mail server of the configuration, checked before anything is started."""

import sys
from typing import Any

from nameko.extensions import DependencyProvider

from notification.channels.email import Mailer, SettingRefusedError, Smtp


class MailServer(DependencyProvider):  # type: ignore[misc]  # nameko is untyped
    """Gives workers a Mailer of their own; ends the process when its settings are refused."""

    smtp: Smtp

    def bind(self, container: Any, attr_name: str) -> "MailServer":  # noqa: ANN401 (nameko's hook)
        """Read the settings: before setup, so that nothing is connected to yet."""
        bound: MailServer = super().bind(container, attr_name)
        try:
            bound.smtp = Smtp(**container.config["smtp"])
        except SettingRefusedError as error:
            sys.exit(str(error))
        return bound

    def get_dependency(self, worker_ctx: Any) -> Mailer:  # noqa: ANN401, ARG002 (nameko's hook)
        """Return a mailer, not connected yet."""
        return Mailer(self.smtp)
