"""What a monitoring system is told: counts, delays, depths. No words, names or ids in labels."""

from datetime import datetime
from functools import partial

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest

import storage.figures
from care.outbox import CARD_KINDS
from care.work import Work
from storage.tables import OutboxRow

_NAME = "symptom_diary"
_SECONDS = (0.1, 0.25, 0.5, 1, 2, 5, 10, 30, 60, 120, 300, 1800, 3600, 21_600)


class Metrics:
    """The counters of this copy, and gauges read from the database when they are asked for.

    Times that patients live by are on the product's clock, in seconds.
    """

    def __init__(self, work: Work) -> None:
        self._work = work
        self.registry = CollectorRegistry()
        gauge = partial(Gauge, registry=self.registry)
        counter = partial(Counter, registry=self.registry)
        histogram = partial(Histogram, registry=self.registry, buckets=_SECONDS)
        self.lateness = histogram(
            f"{_NAME}_check_in_lateness_seconds", "From due to handed to Telegram."
        )
        self.alarm = histogram(
            f"{_NAME}_alarm_seconds",
            "From the tap that shows danger to its card handed to Telegram.",
            ["card"],
        )
        self.messages = counter(f"{_NAME}_messages", "How messages ended.", ["kind", "fate"])
        self.errors = counter(f"{_NAME}_errors", "Failed tries, by class of error.", ["error"])
        self.updates = counter(f"{_NAME}_updates", "Updates that were handled.", ["how"])
        self.depth = gauge(f"{_NAME}_outbox_due", "Rows due now.", ["lane", "kind"])
        self.age = gauge(
            f"{_NAME}_outbox_oldest_seconds", "Since when the oldest is due.", ["lane"]
        )
        self.waiting = gauge(f"{_NAME}_inbox_waiting", "Updates stored and not yet handled.")
        self.alerts = gauge(f"{_NAME}_alerts_open", "Alerts not closed.", ["level", "state"])
        self.unseen = gauge(
            f"{_NAME}_alert_oldest_unacknowledged_seconds",
            "Since when the oldest alert waits for somebody to take it; 0 when none does.",
        )
        self.imbalances = gauge(
            f"{_NAME}_imbalances", "What the bot's audit of itself found.", ["rule"]
        )
        self.copies = gauge(f"{_NAME}_copies", "Copies of the bot that live.")
        self.duty = gauge(f"{_NAME}_on_duty", "1 when this copy has the duty.")

    def ended(self, row: OutboxRow, fate: str, since: datetime | None = None) -> None:
        """A message ended: `fate` is how; `since` is when the tap that caused it was received."""
        self.messages.labels(row.kind, "uncertain" if row.uncertain else fate).inc()
        if fate != "sent":
            return
        now = self._work.clock.now()
        if row.kind == "check_in":
            self.lateness.observe(max(0.0, (now - row.due_at).total_seconds()))
        elif row.kind in CARD_KINDS and row.claims <= 1:
            begun = since or row.created_at
            self.alarm.labels(row.kind).observe(max(0.0, (now - begun).total_seconds()))

    def failed(self, error: str) -> None:
        """A try failed with this class of error."""
        self.errors.labels(error).inc()

    def handled(self, how: str) -> None:
        """An update was handled ("done") or failed for its own sake ("failed")."""
        self.updates.labels(how).inc()

    async def page(self) -> bytes:
        """Everything in the text format of Prometheus."""
        now = self._work.clock.now()
        async with self._work.reading() as session:
            due = await storage.figures.due(session, now)
            alerts = await storage.figures.alerts(session)
            self.waiting.set(await storage.figures.inbox_waiting(session))
        for gauge in (self.depth, self.age, self.alerts):
            gauge.clear()
        for lane in ("urgent", "bulk"):
            ages = [(now - found.oldest).total_seconds() for found in due if found.lane == lane]
            self.age.labels(lane).set(max(ages, default=0.0))
        for found in due:
            self.depth.labels(found.lane, found.kind).set(found.rows)
        for alert in alerts:
            self.alerts.labels(alert.level, alert.state).set(alert.count)
        waits = [alert.oldest for alert in alerts if alert.state == "open"]
        self.unseen.set((now - min(waits)).total_seconds() if waits else 0.0)
        return generate_latest(self.registry)
