"""The operations of the billing service."""

from clinic_contracts.billing import card_events as ce
from clinic_contracts.billing import claims as c
from clinic_contracts.billing import day_closes as d
from clinic_contracts.billing import eligibility as e
from clinic_contracts.billing import fhir as f
from clinic_contracts.billing import invoices as i
from clinic_contracts.billing import pay
from clinic_contracts.billing import payer_files as pf
from clinic_contracts.billing import payer_rules as pr
from clinic_contracts.billing import payments as p
from clinic_contracts.billing import prepaid as pre
from clinic_contracts.billing import reports as rep
from clinic_contracts.billing import requests as r
from clinic_contracts.billing import statements as s
from clinic_contracts.operations import Operation, verify_of

LIST_INVOICES = Operation("billing", "list_invoices", r.ListInvoices, r.InvoicePage)
GET_INVOICE = Operation("billing", "get_invoice", r.GetInvoice, r.InvoiceView)
VOID_INVOICE = Operation("billing", "void_invoice", i.VoidInvoice, r.InvoiceView)
REBILL_INVOICE = Operation("billing", "rebill_invoice", i.RebillInvoice, r.InvoiceView)
PAY_INVOICE = Operation("billing", "pay_invoice", r.PayInvoice, r.PaymentView)
GET_PAYMENT = Operation("billing", "get_payment", p.GetPayment, r.PaymentView)
LIST_PAYMENTS = Operation("billing", "list_payments", p.ListPayments, p.PaymentList)
REFUND_PAYMENT = Operation("billing", "refund_payment", p.RefundPayment, p.RefundView)
GET_REFUND = Operation("billing", "get_refund", p.GetRefund, p.RefundView)
GET_RECEIPT = Operation("billing", "get_receipt", r.GetReceipt, r.ReceiptView)
PRINT_RECEIPT = Operation("billing", "print_receipt", p.PrintReceipt, r.ReceiptDocument)
CORRECT_RECEIPT = Operation("billing", "correct_receipt", p.CorrectReceipt, r.ReceiptView)
TAKE_CARD_EVENT = Operation("billing", "take_card_event", ce.TakeCardEvent, ce.CardEventTaken)
SELL_GIFT_CARD = Operation("billing", "sell_gift_card", pre.SellGiftCard, pre.PrepaidView)
SELL_PACKAGE = Operation("billing", "sell_package", pre.SellPackage, pre.PrepaidView)
TAKE_DEPOSIT = Operation("billing", "take_deposit", pre.TakeDeposit, pre.PrepaidView)
GET_PREPAID = Operation("billing", "get_prepaid", pre.GetPrepaid, pre.PrepaidView)
LIST_PREPAID = Operation("billing", "list_prepaid", pre.ListPrepaid, pre.PrepaidPage)
REFUND_PREPAID = Operation("billing", "refund_prepaid", pre.RefundPrepaid, p.RefundView)
GET_DAY_TAKINGS = Operation("billing", "get_day_takings", d.GetDayTakings, d.DayTakings)
CLOSE_DAY = Operation("billing", "close_day", d.CloseDay, d.DayCloseView)
GET_DAY_CLOSE = Operation("billing", "get_day_close", d.GetDayClose, d.DayCloseView)
LIST_DAY_CLOSES = Operation("billing", "list_day_closes", d.ListDayCloses, d.DayClosePage)
REOPEN_DAY = Operation("billing", "reopen_day", d.ReopenDay, d.DayCloseView)
PRINT_DAY_CLOSE = Operation("billing", "print_day_close", d.GetDayClose, s.PaperDocument)
GET_STATEMENT = Operation("billing", "get_statement", s.GetStatement, s.StatementView)
PRINT_INVOICE = Operation("billing", "print_invoice", r.GetInvoice, s.PaperDocument)
PRINT_STATEMENT = Operation("billing", "print_statement", s.GetStatement, s.PaperDocument)
GET_REVENUE = Operation("billing", "get_revenue", rep.GetRevenue, rep.Revenue)
GET_AGED_RECEIVABLES = Operation(
    "billing", "get_aged_receivables", rep.GetAgedReceivables, rep.AgedReceivables
)
GET_TAX_RETURN = Operation("billing", "get_tax_return", rep.GetTaxReturn, rep.TaxReturn)
GET_DAY_CLOSE_REPORT = Operation(
    "billing", "get_day_close_report", rep.GetDayCloseReport, rep.DayCloseReport
)
GET_CLAIM_TURNAROUND = Operation(
    "billing", "get_claim_turnaround", rep.GetClaimTurnaround, rep.ClaimTurnaround
)
GET_DENIAL_REASONS = Operation(
    "billing", "get_denial_reasons", rep.GetDenialReasons, rep.DenialReasons
)
ADD_PAY_RATE = Operation("billing", "add_pay_rate", pay.AddPayRate, pay.PayRate)
LIST_PAY_RATES = Operation("billing", "list_pay_rates", pay.ListPayRates, pay.PayRatePage)
GET_PRACTITIONER_PAY = Operation(
    "billing", "get_practitioner_pay", pay.GetPractitionerPay, pay.PractitionerPay
)
LIST_CLAIMS = Operation("billing", "list_claims", r.ListClaims, r.ClaimPage)
GET_CLAIM = Operation("billing", "get_claim", r.GetClaim, r.ClaimView)
DRAFT_CLAIM = Operation("billing", "draft_claim", c.DraftClaim, r.ClaimView)
CHANGE_CLAIM = Operation("billing", "change_claim", c.ChangeClaim, r.ClaimView)
VALIDATE_CLAIM = Operation("billing", "validate_claim", c.ActOnClaim, r.ClaimView)
SUBMIT_CLAIM = Operation("billing", "submit_claim", c.ActOnClaim, r.ClaimView)
VOID_CLAIM = Operation("billing", "void_claim", c.ActOnClaimBecause, r.ClaimView)
CORRECT_CLAIM = Operation("billing", "correct_claim", c.ActOnClaimBecause, r.ClaimView)
APPEAL_CLAIM = Operation("billing", "appeal_claim", c.ActOnClaimBecause, r.ClaimView)
CLOSE_CLAIM = Operation("billing", "close_claim", c.ActOnClaimBecause, r.ClaimView)
GET_CLAIM_FILE = Operation("billing", "get_claim_file", c.GetClaimFile, c.ClaimFile)
GET_FHIR_RESOURCE = Operation("billing", "get_fhir_resource", f.GetResource, f.Resource)
SUBMIT_FHIR_CLAIM = Operation("billing", "submit_fhir_claim", f.SubmitResource, f.Resource)
LIST_ALARMS = Operation("billing", "list_alarms", c.ListAlarms, c.AlarmList)
COUNT_WORK = Operation("billing", "count_work", c.CountWork, c.WorkCounts)
TAKE_FILE = Operation("billing", "take_file", pf.TakeFile, pf.FileView)
LIST_FILES = Operation("billing", "list_files", pf.ListFiles, pf.FilePage)
READ_FILE = Operation("billing", "read_file", pf.GetFile, c.ClaimFile)
GET_FILE = Operation("billing", "get_file", pf.GetFile, pf.FileView)
LIST_UNMATCHED = Operation("billing", "list_unmatched", pf.ListUnmatched, pf.UnmatchedPage)
GET_UNMATCHED = Operation("billing", "get_unmatched", pf.GetUnmatched, pf.UnmatchedView)
ASSIGN_UNMATCHED = Operation("billing", "assign_unmatched", pf.AssignUnmatched, pf.UnmatchedView)
ASK_ELIGIBILITY = Operation("billing", "ask_eligibility", e.AskEligibility, e.EligibilityView)
GET_ELIGIBILITY = Operation("billing", "get_eligibility", e.GetEligibility, e.EligibilityView)
LIST_ELIGIBILITY = Operation("billing", "list_eligibility", e.ListEligibility, e.EligibilityPage)
LIST_PAYER_RULES = Operation("billing", "list_payer_rules", pr.ListPayerRules, pr.PayerRuleList)
PREVIEW_PAYER_RULES = Operation(
    "billing", "preview_payer_rules", pr.PreviewPayerRules, pr.PayerRulesPreview
)
VERIFY = verify_of("billing")
