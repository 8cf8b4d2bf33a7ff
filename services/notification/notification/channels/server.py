"""The mail server of the configuration, checked before the first message is taken."""

import sys

from nameko.extensions import DependencyProvider

from notification.channels.email import Mailer, SettingRefusedError, Smtp


class MailServer(DependencyProvider):  # type: ignore[misc]  # nameko is untyped
    """Gives workers a Mailer of their own; ends the process when its settings are refused."""

    def setup(self) -> None:
        """Read the settings."""
        try:
            self.smtp = Smtp(**self.container.config["smtp"])
        except SettingRefusedError as error:
            sys.exit(str(error))

    def get_dependency(self, worker_ctx: object) -> Mailer:  # noqa: ARG002 (nameko's hook)
        """Return a mailer, not connected yet."""
        return Mailer(self.smtp)
