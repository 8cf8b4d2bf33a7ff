"""The operations of the client_profile service."""

from clinic_contracts.client_profile import requests as r
from clinic_contracts.operations import Operation, verify_of

REGISTER_CLIENT = Operation("client_profile", "register_client", r.RegisterClient, r.ClientView)
CHANGE_CLIENT = Operation("client_profile", "change_client", r.ChangeClient, r.ClientView)
GET_CLIENT = Operation("client_profile", "get_client", r.GetClient, r.ClientView)
SEARCH_CLIENTS = Operation("client_profile", "search_clients", r.SearchClients, r.ClientPage)
ADD_COVERAGE = Operation("client_profile", "add_coverage", r.AddCoverage, r.CoverageView)
LIST_COVERAGES = Operation("client_profile", "list_coverages", r.ListOfClient, r.CoverageList)
RECORD_CONSENT = Operation("client_profile", "record_consent", r.RecordConsent, r.ConsentView)
LIST_CONSENTS = Operation("client_profile", "list_consents", r.ListOfClient, r.ConsentList)
VERIFY = verify_of("client_profile")
