"""Payers' files, and the work-queue of what they decided of no claim we know."""

from billing import mailing
from billing.entrypoints.base import Entrypoints
from billing.use_cases import answers, payer_files, unmatched
from clinic_contracts.billing import operations as op
from clinic_contracts.billing import payer_files as f
from clinic_contracts.billing.claims import ClaimFile
from clinic_contracts.context import CallContext
from clinic_runtime.rpc import command
from clinic_runtime.timers import every

LOOK_SECONDS = 5.0


class PayerFiles(Entrypoints):
    """What payers answer."""

    @every(LOOK_SECONDS)
    def look_at_files(self) -> None:
        """Have a second opinion on the files taken in since."""
        mailing.look_at_files(self._desk)

    @command(op.TAKE_FILE)
    def take_file(self, request: f.TakeFile, context: CallContext) -> f.FileView:
        """Take a payer's file in."""
        raw = payer_files.content(request)
        return answers.take_file(raw, request.content_type, self._desk(context))

    @command(op.LIST_FILES)
    def list_files(self, request: f.ListFiles, context: CallContext) -> f.FilePage:
        """Return a page of files."""
        return payer_files.list_files(request, self._desk(context))

    @command(op.GET_FILE)
    def get_file(self, request: f.GetFile, context: CallContext) -> f.FileView:
        """Return what became of a file."""
        return payer_files.get_file(request.file_id, self._desk(context))

    @command(op.READ_FILE)
    def read_file(self, request: f.GetFile, context: CallContext) -> ClaimFile:
        """Return a file as it came."""
        return payer_files.read_file(request.file_id, self._desk(context))

    @command(op.LIST_UNMATCHED)
    def list_unmatched(self, request: f.ListUnmatched, context: CallContext) -> f.UnmatchedPage:
        """Return a page of the work-queue."""
        return unmatched.list_unmatched(request, self._desk(context))

    @command(op.GET_UNMATCHED)
    def get_unmatched(self, request: f.GetUnmatched, context: CallContext) -> f.UnmatchedView:
        """Return one of the work-queue."""
        return unmatched.get_unmatched(request.unmatched_id, self._desk(context))

    @command(op.ASSIGN_UNMATCHED)
    def assign_unmatched(self, request: f.AssignUnmatched, context: CallContext) -> f.UnmatchedView:
        """Say which claim a decision is about."""
        return unmatched.assign(request, self._desk(context))
