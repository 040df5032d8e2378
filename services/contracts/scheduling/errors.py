"""What scheduling refuses, each with its own code."""

from services.contracts.errors import Conflict, Forbidden, Invalid, NotFound


class BranchUnknown(NotFound):
    code = "scheduling.branch_unknown"
    sentence = {"zh": "没有这家门店", "en": "There is no such branch"}


class ServiceUnknown(NotFound):
    code = "scheduling.service_unknown"
    sentence = {"zh": "没有这个服务", "en": "There is no such service"}


class ServicesNotCombinable(Conflict):
    """Shapes:  details["service_id"] is the first that cannot be in one booking with the rest."""

    code = "scheduling.services_not_combinable"
    sentence = {
        "zh": "这些服务不能合并为一次预约",
        "en": "These services cannot be booked together",
    }


class ResourceUnknown(NotFound):
    code = "scheduling.resource_unknown"
    sentence = {"zh": "没有这个资源", "en": "There is no such resource"}


class ResourceTypeUnknown(NotFound):
    code = "scheduling.resource_type_unknown"
    sentence = {"zh": "没有这种资源类型", "en": "There is no such type of resource"}


class ResourceTypeInUse(Conflict):
    code = "scheduling.resource_type_in_use"
    sentence = {
        "zh": "该类型为系统自带或仍在使用，不能删除",
        "en": "This type is built in or still in use",
    }


class SkillUnknown(NotFound):
    code = "scheduling.skill_unknown"
    sentence = {"zh": "没有这项技能", "en": "There is no such skill"}


class PoolUnknown(NotFound):
    code = "scheduling.pool_unknown"
    sentence = {"zh": "没有这个资源池", "en": "There is no such pool"}


class PoolCyclic(Invalid):
    code = "scheduling.pool_cyclic"
    sentence = {"zh": "资源池不能互相包含", "en": "A pool cannot contain itself"}


class PoolInUse(Conflict):
    code = "scheduling.pool_in_use"
    sentence = {
        "zh": "该资源池仍被服务或其他资源池使用",
        "en": "A service or another pool still uses this pool",
    }


class HolidayCalendarUnknown(Invalid):
    code = "scheduling.holiday_calendar_unknown"
    sentence = {"zh": "没有这个节假日日历", "en": "There is no such calendar of public holidays"}


class ClosureUnknown(NotFound):
    code = "scheduling.closure_unknown"
    sentence = {"zh": "没有这条闭店记录", "en": "There is no such closure"}


class LeaveUnknown(NotFound):
    code = "scheduling.leave_unknown"
    sentence = {"zh": "没有这条请假", "en": "There is no such leave request"}


class LeaveDecided(Conflict):
    """Shapes:  details["state"] is what became of it."""

    code = "scheduling.leave_decided"
    sentence = {"zh": "该请假已处理", "en": "That leave request has been decided"}


class LeaveDiffers(Conflict):
    code = "scheduling.leave_differs"
    sentence = {
        "zh": "该请假编号已用于另一次请假",
        "en": "This id was used for another leave request",
    }


class LeaveConflicts(Conflict):
    """Shapes:  details["conflicts"] = [{"booking_id", "start", "end"}], earliest first."""

    code = "scheduling.leave_conflicts"
    sentence = {
        "zh": "该时段已有预约，请先改派或确认仍要批准",
        "en": "There are bookings in that time; move them first or approve all the same",
    }


class FeedUnknown(NotFound):
    code = "scheduling.feed_unknown"
    sentence = {"zh": "没有这个日历订阅", "en": "There is no such calendar feed"}


class FeedAddressRefused(Invalid):
    code = "scheduling.feed_address_refused"
    sentence = {
        "zh": "只能订阅公网上的 http(s) 日历地址",
        "en": "Only http(s) addresses on the public internet can be subscribed to",
    }


class CalendarLinkUnknown(NotFound):
    code = "scheduling.calendar_link_unknown"
    sentence = {"zh": "日历链接无效或已停用", "en": "This calendar link is not valid any more"}


class QuotaUnknown(NotFound):
    code = "scheduling.quota_unknown"
    sentence = {"zh": "没有这条限额", "en": "There is no such quota"}


class QuotaReached(Conflict):
    """Shapes:  details = {"quota_id", "per", "unit", "period", "maximum", "alternatives"}."""

    code = "scheduling.quota_reached"
    sentence = {"zh": "该时段的预约限额已满", "en": "The quota of that time is used up"}


class ResourceUnsuitable(Invalid):
    code = "scheduling.resource_unsuitable"
    sentence = {
        "zh": "所选人员或场地不适用于该服务",
        "en": "The chosen person or room does not fit this service",
    }


class OptionUnknown(Invalid):
    code = "scheduling.option_unknown"
    sentence = {"zh": "该服务没有这个可选项", "en": "The service has no such option"}


class DayPartUnknown(Invalid):
    code = "scheduling.day_part_unknown"
    sentence = {"zh": "该服务不能按此时段预约", "en": "The service has no such part of the day"}


class HoldUnknown(NotFound):
    code = "scheduling.hold_unknown"
    sentence = {"zh": "没有这个预占", "en": "There is no such hold"}


class SlotTaken(Conflict):
    """Shapes:  details["alternatives"] as in Explanation, nearest first; details["obstacles"] is
    what lies in the way of something that was moved or blocked.
    """

    code = "scheduling.slot_taken"
    sentence = {"zh": "时间已被占用", "en": "That time is already taken"}


class HoldExpired(Conflict):
    code = "scheduling.hold_expired"
    sentence = {"zh": "预占已过期", "en": "The hold has expired"}


class HoldReleased(Conflict):
    code = "scheduling.hold_released"
    sentence = {"zh": "该档期已释放", "en": "That time has been released"}


class HoldDiffers(Conflict):
    code = "scheduling.hold_differs"
    sentence = {
        "zh": "该预约已占用其他时间",
        "en": "This booking already holds another time",
    }


class AllocationUnknown(NotFound):
    code = "scheduling.allocation_unknown"
    sentence = {"zh": "没有这条占用", "en": "There is no such allocation"}


class BlockDiffers(Conflict):
    code = "scheduling.block_differs"
    sentence = {
        "zh": "该编号已用于另一段占用时间",
        "en": "This id was used for another block of time",
    }


class ReasonMissing(Invalid):
    code = "scheduling.reason_missing"
    sentence = {"zh": "强制占用必须填写原因", "en": "Overlapping by force needs a reason"}


class ForceForbidden(Forbidden):
    code = "scheduling.force_forbidden"
    sentence = {"zh": "没有强制占用的权限", "en": "You may not overlap other bookings"}


class StartNotOffered(Invalid):
    code = "scheduling.start_not_offered"
    sentence = {
        "zh": "该时间不在可预约的时段内",
        "en": "That start is not one of the offered times",
    }


class StartPast(Invalid):
    code = "scheduling.start_past"
    sentence = {"zh": "不能预约过去的时间", "en": "That time has passed"}


class RangeInvalid(Invalid):
    code = "scheduling.range_invalid"
    sentence = {
        "zh": "日期范围无效",
        "en": "The range of dates is not valid",
    }


class SpanInvalid(Invalid):
    code = "scheduling.span_invalid"
    sentence = {
        "zh": "结束时间必须晚于开始时间，且时长不能过长",
        "en": "The end must lie after the start, and not too far away",
    }


class PhoneInvalid(Invalid):
    code = "scheduling.phone_invalid"
    sentence = {"zh": "手机号码无效", "en": "That is not a valid phone number"}


class WaitlistUnknown(NotFound):
    code = "scheduling.waitlist_unknown"
    sentence = {"zh": "没有这条候补", "en": "There is no such place on the waitlist"}


class WaitlistClosed(Conflict):
    code = "scheduling.waitlist_closed"
    sentence = {"zh": "该服务不接受候补", "en": "This service has no waitlist"}


class WaitlistDiffers(Conflict):
    code = "scheduling.waitlist_differs"
    sentence = {
        "zh": "该候补编号已用于另一次候补",
        "en": "This id was used for another place on the waitlist",
    }


class OfferExpired(Conflict):
    code = "scheduling.offer_expired"
    sentence = {"zh": "该候补名额已过期", "en": "This offer is not open any more"}
