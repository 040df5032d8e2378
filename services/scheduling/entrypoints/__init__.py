"""What scheduling hears and answers, by noun."""

from services.contracts.scheduling.studio import OWNER
from services.scheduling.entrypoints.calendar import Calendar
from services.scheduling.entrypoints.explain import Explain
from services.scheduling.entrypoints.feeds import Feeds
from services.scheduling.entrypoints.rosters import Rosters
from services.scheduling.entrypoints.slots import Slots
from services.scheduling.entrypoints.studio import Studio
from services.scheduling.entrypoints.waitlist import Waitlist
from services.scheduling.entrypoints.whereabouts import Whereabouts


class Service(Studio, Rosters, Feeds, Slots, Explain, Calendar, Waitlist, Whereabouts):
    name = OWNER
