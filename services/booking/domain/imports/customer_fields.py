"""What the columns of a file of customers may hold."""

from services.booking.domain.imports.fields import Field, field

FIELDS: dict[str, Field] = {
    each.name: each
    for each in (
        field(
            "name",
            "text",
            "客户姓名",
            "Customer",
            "客户姓名 姓名 客户名称 客户名 会员姓名 客户 会员 顾客 联系人 "
            "customername membername customer name contact",
            "王小明",
            "Wang Xiaoming",
            required=True,
        ),
        field(
            "phone",
            "phone",
            "手机号",
            "Phone",
            "手机号 手机号码 手机 联系电话 电话 联系方式 会员手机 phonenumber mobile phone tel",
            "13800138000",
            required=True,
        ),
        field(
            "branch",
            "choice",
            "门店",
            "Branch",
            "门店 所属门店 开卡门店 分店 店铺 店 branch store studio",
            "外滩店",
            "The Bund",
        ),
        field(
            "since",
            "moment",
            "成为客户的日期",
            "Customer since",
            "成为客户的日期 注册日期 注册时间 入会日期 入会时间 开卡日期 开卡时间 建档日期 "
            "建档时间 创建时间 创建日期 首次到店 "
            "customersince membersince registeredon joinedon createdat since",
            "2023-05-20",
        ),
        field(
            "level",
            "choice",
            "会员等级",
            "Member level",
            "会员等级 会员级别 等级 级别 卡类型 会员卡 memberlevel membership level tier",
            "金卡",
            "Gold",
        ),
        field(
            "stored_value",
            "money",
            "储值余额",
            "Stored value",
            "储值余额 账户余额 卡内余额 会员余额 余额 储值 storedvalue balance",
            "500.00",
        ),
        field(
            "points",
            "number",
            "积分",
            "Points",
            "积分 积分余额 剩余积分 会员积分 points",
            "120",
        ),
    )
}

DEFAULTS: dict[str, str] = {}
"""Nothing is meant where a file says nothing: who has no level stays without one."""
