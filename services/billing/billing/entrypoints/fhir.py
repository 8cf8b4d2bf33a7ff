"""Billing's records in FHIR."""

import base64
import binascii
from functools import cached_property

from billing.entrypoints.base import Entrypoints
from billing.payers.resources import Resources
from billing.use_cases import fhir
from clinic_contracts.billing import fhir as f
from clinic_contracts.billing import operations as op
from clinic_contracts.context import CallContext
from clinic_contracts.errors import Invalid
from clinic_runtime.rpc import command


class Fhir(Entrypoints):
    """Resources out, and a Claim in."""

    @cached_property
    def _resources(self) -> Resources:
        return Resources(self.payers)

    @command(op.GET_FHIR_RESOURCE)
    def get_fhir_resource(self, request: f.GetResource, context: CallContext) -> f.Resource:
        """Return a record as a resource."""
        return _carried(fhir.get_resource(request, self._door(context)))

    @command(op.SUBMIT_FHIR_CLAIM)
    def submit_fhir_claim(self, request: f.SubmitResource, context: CallContext) -> f.Resource:
        """Fill in a claim by a Claim resource, and put it among those to go."""
        try:
            raw = base64.b64decode(request.content_base64, validate=True)
        except binascii.Error as error:
            detail = "content_base64 is not base64"
            raise Invalid(detail, errors={"content_base64": [detail]}) from error
        return _carried(fhir.submit_claim(raw, self._door(context)))

    def _door(self, context: CallContext) -> fhir.Door:
        return fhir.Door(self._desk(context), self._resources)


def _carried(raw: bytes) -> f.Resource:
    return f.Resource(content_base64=base64.b64encode(raw).decode())
