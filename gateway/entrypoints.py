"""The gateway as a service: the routes of every area joined, and what they need."""

from gateway.auth import Sessions
from gateway.changes import ChangeFeed
from gateway.routes.agreements import Agreements
from gateway.routes.availability import Availability
from gateway.routes.bookings import Bookings
from gateway.routes.branches import Branches
from gateway.routes.calendar import Calendar
from gateway.routes.cash import Cash
from gateway.routes.catalogue import Catalogue
from gateway.routes.customers import Customers
from gateway.routes.docs import Docs
from gateway.routes.drafts import Drafts
from gateway.routes.feeds import Feeds
from gateway.routes.files import Files
from gateway.routes.forms import Forms
from gateway.routes.imports import Imports
from gateway.routes.lookup import Lookup
from gateway.routes.members import Members
from gateway.routes.metrics import Metrics
from gateway.routes.pages import Pages
from gateway.routes.payments import Payments
from gateway.routes.requirements import Requirements
from gateway.routes.resources import Resources
from gateway.routes.rosters import Rosters
from gateway.routes.sandbox import Sandbox
from gateway.routes.staff import StaffSessions
from gateway.routes.stream import Stream
from gateway.routes.submissions import Submissions
from gateway.routes.subscriptions import Subscriptions
from gateway.routes.tables import Tables
from gateway.routes.tasks import Tasks
from gateway.routes.theme import Theme
from gateway.routes.uploads import Uploads
from gateway.routes.visits import Visits, WaitingVisits
from gateway.routes.waitlist import Waitlist
from gateway.routes.wechat import WeChat
from services.chassis.rpc import Client
from services.chassis.settings import Settings
from services.chassis.storage import Storage
from services.chassis.telemetry import Telemetry


class Service(
    Catalogue,
    Availability,
    Bookings,
    Lookup,
    Drafts,
    Payments,
    WeChat,
    Cash,
    Agreements,
    Sandbox,
    StaffSessions,
    Calendar,
    Waitlist,
    Branches,
    Resources,
    Requirements,
    Rosters,
    Subscriptions,
    Feeds,
    Customers,
    Members,
    Forms,
    Submissions,
    Tables,
    Imports,
    Metrics,
    Tasks,
    Stream,
    Uploads,
    Files,
    Theme,
    Visits,
    Docs,
    Pages,
):
    name = "gateway"

    telemetry = Telemetry()
    settings = Settings()
    sessions = Sessions()
    changes = ChangeFeed()
    store = Storage()
    waiting_visits = WaitingVisits()

    analytics = Client("analytics")
    automation = Client("automation")
    booking = Client("booking")
    crm = Client("crm")
    identity = Client("identity")
    notification = Client("notification")
    scheduling = Client("scheduling")
