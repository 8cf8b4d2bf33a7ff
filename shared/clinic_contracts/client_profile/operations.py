"""The operations of the client_profile service."""

from clinic_contracts.client_profile import access_log as g
from clinic_contracts.client_profile import alerts as a
from clinic_contracts.client_profile import fhir
from clinic_contracts.client_profile import referrals as f
from clinic_contracts.client_profile import requests as r
from clinic_contracts.fhir import Resource
from clinic_contracts.operations import Operation, verify_of

REGISTER_CLIENT = Operation("client_profile", "register_client", r.RegisterClient, r.ClientView)
CHANGE_CLIENT = Operation("client_profile", "change_client", r.ChangeClient, r.ClientView)
GET_CLIENT = Operation("client_profile", "get_client", r.GetClient, r.ClientView)
SEARCH_CLIENTS = Operation("client_profile", "search_clients", r.SearchClients, r.ClientPage)
NAME_CLIENTS = Operation("client_profile", "name_clients", r.NameClients, r.ClientNames)
ADD_COVERAGE = Operation("client_profile", "add_coverage", r.AddCoverage, r.CoverageView)
GET_COVERAGE = Operation("client_profile", "get_coverage", r.GetCoverage, r.CoverageView)
CHANGE_COVERAGE = Operation("client_profile", "change_coverage", r.ChangeCoverage, r.CoverageView)
LIST_COVERAGES = Operation("client_profile", "list_coverages", r.ListOfClient, r.CoverageList)
RECORD_CONSENT = Operation("client_profile", "record_consent", r.RecordConsent, r.ConsentView)
LIST_CONSENTS = Operation("client_profile", "list_consents", r.ListOfClient, r.ConsentList)
RAISE_ALERT = Operation("client_profile", "raise_alert", a.RaiseAlert, a.AlertView)
LIST_ALERTS = Operation("client_profile", "list_alerts", r.ListOfClient, a.AlertList)
GET_ALERT = Operation("client_profile", "get_alert", a.GetAlert, a.AlertView)
CHANGE_ALERT = Operation("client_profile", "change_alert", a.ChangeAlert, a.AlertView)
LIFT_ALERT = Operation("client_profile", "lift_alert", a.LiftAlert, a.AlertView)
ADD_REFERRAL = Operation("client_profile", "add_referral", f.AddReferral, f.ReferralView)
LIST_REFERRALS = Operation("client_profile", "list_referrals", r.ListOfClient, f.ReferralList)
GET_FHIR_RESOURCE = Operation("client_profile", "get_fhir_resource", fhir.GetResource, Resource)
READ_ACCESS_LOG = Operation("client_profile", "read_access_log", g.ReadAccessLog, g.AccessPage)
VERIFY = verify_of("client_profile")
