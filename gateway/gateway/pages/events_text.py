"""What ``/docs/events`` says before the catalogue."""

VERIFY = """import base64, hashlib, hmac, time

def is_genuine(secret: str, headers: dict, body: bytes) -> bool:
    told = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.".encode() + body
    key = base64.b64decode(secret.removeprefix("whsec_"))
    ours = base64.b64encode(hmac.digest(key, told, "sha256")).decode()
    signatures = [each.partition(",")[2] for each in headers["webhook-signature"].split()]
    recent = abs(time.time() - int(headers["webhook-timestamp"])) < 300
    return recent and any(hmac.compare_digest(ours, each) for each in signatures)
"""
"""Run by a test against a delivery."""

ABOUT = """
<p class="lead">Everything that happens is an event: a fact, never changed afterwards. A program
reads the <a href="#feed">feed</a>, follows the <a href="#stream">stream</a>, or has a
<a href="#webhooks">webhook</a> called. The calls themselves are in the
<a href="/docs#Events">documentation</a>.</p>
<section class="notes"><h2>An event</h2><ul>
<li>is a <b>CloudEvents 1.0</b> document: <code>id</code>, <code>type</code>, <code>subject</code>
(the record it is about), <code>time</code>, <code>data</code>.</li>
<li><code>sequence</code> is the record's version. An event that is not newer than what you have
stored of its <code>subject</code> can be left out: each tells the latest state.</li>
<li>The <b>version</b> in its type changes only when a field is taken away or comes to mean another
thing. Leave aside fields that you do not know. While programs move from one version to the
next, <code>earlier</code> holds the older data by type, as JSON text.</li>
<li>You are shown the events of the <b>locations</b> that your role holds at, and those of charts
only where it may read charts. What is of no location, such as clients, is for roles that hold
everywhere.</li></ul></section>
<section id="feed"><h2>The feed: all that ever happened</h2>
<p><code>GET /v1/events</code> begins at the first event of all, or with <code>since</code> at an
instant. Ask again with <code>after</code> set to the <code>next</code> you got; keep that cursor
when you have handled the page. <code>more</code> says whether to ask at once. A page may be empty
and there still be more. Cursors do not expire. Of one service events come in the order in which
they happened; those of several are put in order by time as far as that goes.
<code>unavailable</code> names services that do not answer now: their events come later, after the
same cursor. <code>types=billing.invoice_issued,booking.appointment_booked.v1</code> chooses.</p>
</section>
<section id="stream"><h2>The stream: as it happens</h2>
<p><code>GET /v1/events/stream</code> answers <code>text/event-stream</code>, usually within a
second of the fact. <code>event</code> is the type, <code>data</code> the event, <code>id</code> a
cursor of the feed. Begin where your page of the feed ended, with <code>after</code> or
<code>Last-Event-ID</code>, and nothing falls between; without either it begins now.</p>
<ul><li>Cut off, open it again with the last <code>id</code> you have: you get what you missed,
once. Browsers' <code>EventSource</code> does so by itself.</li>
<li><code>resync</code> says that you missed something: you were more than 1,000 events away, or
read too slowly, a service could not be asked, or something was moved to a location that you are
not shown. Read the feed from the last cursor that you
<b>handled</b>, then open the stream from there.</li>
<li>A comment comes every 15 seconds, at times with a newer <code>id</code>. Hear nothing for 45,
and the connection is dead: open it again.</li>
<li>It ends when your session or key does, when what you may see changes, and when the gateway is
stopped. 503 says that too many are open, or that the gateway is stopping: wait for
<code>Retry-After</code>.</li></ul>
<p>A whole client in 40 lines is in <code>deploy/examples/follow_events.py</code>. With
<code>make run</code> going, in the folder of the project:</p>
<pre><code>CLINIC=http://localhost:8000
TOKEN=$(curl -s "$CLINIC/v1/sessions" -H 'Content-Type: application/json' \\
  -d '{"email": "owner@demo.clinic", "password": "the one that make run shows"}' |
  python3 -c 'import json, sys; print(json.load(sys.stdin)["token"])')
KEY=$(curl -s "$CLINIC/v1/api-keys" -H "Authorization: Bearer $TOKEN" \\
  -H "Idempotency-Key: $RANDOM$RANDOM" -d '{"name": "our books", "role": "integration"}' |
  python3 -c 'import json, sys; print(json.load(sys.stdin)["key"])')
.venv/bin/python deploy/examples/follow_events.py "$CLINIC" "$KEY" .local/reached</code></pre>
</section>
<section id="webhooks"><h2>Webhooks: being called</h2>
<p><code>POST /v1/webhook-endpoints</code> with <code>{"url": …, "event_types": […]}</code> answers
an endpoint and its secret, shown this once. What is posted follows Standard Webhooks: the body is
<code>{"type", "timestamp", "data"}</code>, and <code>data</code> holds ids alone: ask the API for
what they are of.</p>
<ul><li><b>Check the signature.</b> <code>webhook-signature</code> is <code>v1,</code> and the
HMAC-SHA256, in base64, of <code>webhook-id.webhook-timestamp.body</code> under the secret without
its <code>whsec_</code>, read as base64. There are two while a secret is rotated, divided by a
space. Refuse what is older than five minutes.</li>
<li><b>Answer 2xx at once</b>, within 15 s, and work afterwards. Anything else is tried again after
5 s, 5 min, 30 min, 2, 5, 10, 14, 20 and 24 h; then the delivery has failed, and
<code>POST …/deliveries/{id}/redeliver</code> begins anew. 410 disables the endpoint.</li>
<li><b>Expect repeats</b>, and any order: <code>webhook-id</code> is the event's id, the same at
each try.</li></ul>
<pre><code>VERIFY</code></pre></section>
"""
