"""The operations of the booking service."""

from clinic_contracts.booking import (
    clients,
    closures,
    feeds,
    fhir,
    history,
    holds,
    reports,
    series,
    tzdb,
    waitlist,
    worklists,
)
from clinic_contracts.booking import requests as r
from clinic_contracts.fhir import Resource, ResourcePage
from clinic_contracts.operations import Operation, verify_of

CREATE_LOCATION = Operation("booking", "create_location", r.CreateLocation, r.LocationView)
CHANGE_LOCATION = Operation("booking", "change_location", r.ChangeLocation, r.LocationView)
GET_LOCATION = Operation("booking", "get_location", r.GetLocation, r.LocationView)
LIST_LOCATIONS = Operation("booking", "list_locations", r.ListAll, r.LocationPage)

CREATE_PRACTITIONER = Operation(
    "booking", "create_practitioner", r.CreatePractitioner, r.PractitionerView
)
CHANGE_PRACTITIONER = Operation(
    "booking", "change_practitioner", r.ChangePractitioner, r.PractitionerView
)
GET_PRACTITIONER = Operation("booking", "get_practitioner", r.GetPractitioner, r.PractitionerView)
LIST_PRACTITIONERS = Operation("booking", "list_practitioners", r.ListAll, r.PractitionerPage)

CREATE_TREATMENT = Operation("booking", "create_treatment", r.CreateTreatment, r.TreatmentView)
CHANGE_TREATMENT = Operation("booking", "change_treatment", r.ChangeTreatment, r.TreatmentView)
GET_TREATMENT = Operation("booking", "get_treatment", r.GetTreatment, r.TreatmentView)
LIST_TREATMENTS = Operation("booking", "list_treatments", r.ListAll, r.TreatmentPage)

GET_HISTORY = Operation("booking", "get_history", history.GetHistory, history.History)

CLOSE_LOCATION = Operation(
    "booking", "close_location", closures.CloseLocation, closures.ClosureAnnounced
)
LIST_CLOSURES = Operation("booking", "list_closures", closures.ListClosures, closures.ClosurePage)
WITHDRAW_CLOSURE = Operation(
    "booking", "withdraw_closure", closures.WithdrawClosure, closures.ClosureView
)
RECORD_ABSENCE = Operation(
    "booking", "record_absence", closures.RecordAbsence, closures.ClosureAnnounced
)
LIST_ABSENCES = Operation("booking", "list_absences", closures.ListAbsences, closures.ClosurePage)
WITHDRAW_ABSENCE = Operation(
    "booking", "withdraw_absence", closures.WithdrawAbsence, closures.ClosureView
)

FIND_AVAILABILITY = Operation("booking", "find_availability", r.FindAvailability, r.Availability)
BOOK_APPOINTMENT = Operation("booking", "book_appointment", r.BookAppointment, r.AppointmentView)
PLACE_HOLD = Operation("booking", "place_hold", holds.PlaceHold, holds.HoldView)
RELEASE_HOLD = Operation("booking", "release_hold", holds.ReleaseHold, holds.HoldReleased)
GET_APPOINTMENT = Operation("booking", "get_appointment", r.GetAppointment, r.AppointmentView)
LIST_APPOINTMENTS = Operation("booking", "list_appointments", r.ListAppointments, r.AppointmentPage)
MOVE_APPOINTMENT = Operation("booking", "move_appointment", r.MoveAppointment, r.AppointmentView)
CANCEL_APPOINTMENT = Operation(
    "booking", "cancel_appointment", r.CancelAppointment, r.AppointmentView
)
ARRIVE = Operation("booking", "arrive", r.ChangeStatus, r.AppointmentView)
UNARRIVE = Operation("booking", "unarrive", r.ChangeStatus, r.AppointmentView)
FULFIL = Operation("booking", "fulfil", r.ChangeStatus, r.AppointmentView)
MARK_NO_SHOW = Operation("booking", "mark_no_show", r.ChangeStatus, r.AppointmentView)
GET_DAY_SHEET = Operation("booking", "get_day_sheet", r.GetDaySheet, r.DaySheet)
OPEN_FEED = Operation("booking", "open_feed", feeds.OpenFeed, feeds.OpenedFeed)
LIST_FEEDS = Operation("booking", "list_feeds", feeds.ListFeeds, feeds.FeedPage)
REVOKE_FEED = Operation("booking", "revoke_feed", feeds.RevokeFeed, feeds.FeedRevoked)
READ_FEED = Operation("booking", "read_feed", feeds.ReadFeed, feeds.FeedCalendar)
GET_UTILISATION = Operation(
    "booking", "get_utilisation", reports.GetUtilisation, reports.Utilisation
)
PREVIEW_TZDB = Operation("booking", "preview_tzdb", tzdb.PreviewTzdb, tzdb.TzdbPreview)
APPLY_TZDB = Operation("booking", "apply_tzdb", tzdb.ApplyTzdb, tzdb.TzdbApplied)
GET_BOOKING_LIMITS = Operation(
    "booking", "get_booking_limits", clients.GetBookingLimits, clients.BookingLimits
)
LIST_TO_RESCHEDULE = Operation(
    "booking", "list_to_reschedule", worklists.ListToReschedule, worklists.WorklistPage
)
LIST_DOUBLE_BOOKED = Operation(
    "booking", "list_double_booked", worklists.ListWorklist, worklists.WorklistPage
)
LIST_UNCONFIRMED_OUTCOMES = Operation(
    "booking", "list_unconfirmed_outcomes", worklists.ListWorklist, worklists.WorklistPage
)
BULK_MOVE = Operation("booking", "bulk_move", worklists.BulkMove, worklists.BulkMoved)
BOOK_SERIES = Operation("booking", "book_series", series.BookSeries, series.SeriesView)
GET_SERIES = Operation("booking", "get_series", series.GetSeries, series.SeriesView)
CHANGE_SERIES = Operation("booking", "change_series", series.ChangeSeries, series.SeriesView)
CANCEL_SERIES = Operation("booking", "cancel_series", series.CancelSeries, series.SeriesView)
REFLOW_SERIES = Operation("booking", "reflow_series", series.ReflowSeries, series.SeriesView)

JOIN_WAITLIST = Operation("booking", "join_waitlist", waitlist.JoinWaitlist, waitlist.WaitlistEntry)
GET_WAITLIST_ENTRY = Operation(
    "booking", "get_waitlist_entry", waitlist.GetWaitlistEntry, waitlist.WaitlistEntry
)
LIST_WAITLIST = Operation("booking", "list_waitlist", waitlist.ListWaitlist, waitlist.WaitlistPage)
WITHDRAW_WAITLIST_ENTRY = Operation(
    "booking", "withdraw_waitlist_entry", waitlist.WithdrawWaitlistEntry, waitlist.WaitlistEntry
)
GET_OFFER = Operation("booking", "get_offer", waitlist.GetOffer, waitlist.OfferView)
ACCEPT_OFFER = Operation("booking", "accept_offer", waitlist.AcceptOffer, r.AppointmentView)
DECLINE_OFFER = Operation("booking", "decline_offer", waitlist.DeclineOffer, waitlist.OfferView)
REPORT_WAITLIST = Operation(
    "booking", "report_waitlist", waitlist.ReportWaitlist, waitlist.WaitlistReport
)

GET_FHIR_RESOURCE = Operation("booking", "get_fhir_resource", fhir.GetResource, Resource)
SEARCH_FHIR_APPOINTMENTS = Operation(
    "booking", "search_fhir_appointments", r.ListAppointments, ResourcePage
)
SEARCH_FHIR_SCHEDULES = Operation(
    "booking", "search_fhir_schedules", fhir.SearchSchedules, ResourcePage
)
SEARCH_FHIR_SLOTS = Operation("booking", "search_fhir_slots", fhir.SearchSlots, ResourcePage)

VERIFY = verify_of("booking")
