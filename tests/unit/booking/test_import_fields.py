"""What a file's columns are taken for."""

import pytest

from services.booking.domain.imports import customer_fields
from services.booking.domain.imports.fields import Field, guess_columns, squeezed
from services.booking.domain.imports.order_fields import FIELDS, KNOWN_WORDS, METHODS, STATUSES
from services.contracts import booking, cash


def guessed(*titles: str) -> dict[str, str]:
    return {name: titles[at] for name, at in guess_columns(titles, FIELDS).items()}


def test_chinese_titles_are_known() -> None:
    titles = [
        "订单编号",
        "客户",
        "手机",
        "套系",
        "拍摄日期",
        "订单金额（元）",
        "实收",
        "订单状态",
        "备注",
        "下单时间",
        "支付方式",
        "门店",
    ]
    assert guessed(*titles) == {
        "reference": "订单编号",
        "name": "客户",
        "phone": "手机",
        "service": "套系",
        "start": "拍摄日期",
        "total": "订单金额（元）",
        "paid": "实收",
        "status": "订单状态",
        "note": "备注",
        "ordered_at": "下单时间",
        "method": "支付方式",
        "branch": "门店",
    }


def test_english_titles_are_known_whatever_their_spelling() -> None:
    assert guessed("Order No.", "Customer Name", "PHONE NUMBER", "start_time", "Total (CNY)") == {
        "reference": "Order No.",
        "name": "Customer Name",
        "phone": "PHONE NUMBER",
        "start": "start_time",
        "total": "Total (CNY)",
    }


def test_the_end_of_a_title_says_more_than_its_beginning() -> None:
    assert guessed("客户手机", "客户名称", "预约拍摄时间") == {
        "phone": "客户手机",
        "name": "客户名称",
        "start": "预约拍摄时间",
    }


def test_no_column_is_taken_for_two_things() -> None:
    assert guessed("金额", "", "金额") == {"total": "金额"}


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("fields", [FIELDS, customer_fields.FIELDS], ids=["orders", "customers"])
def test_a_template_of_ours_is_understood(fields: dict[str, Field], language: str) -> None:
    titles = [each.label[language] for each in fields.values()]
    assert guess_columns(titles, fields) == {name: at for at, name in enumerate(fields)}


def test_a_file_of_members_is_known_by_its_titles() -> None:
    titles = [
        "会员姓名",
        "会员手机",
        "入会时间",
        "卡类型",
        "卡内余额（元）",
        "剩余积分",
        "所属门店",
    ]
    found = guess_columns(titles, customer_fields.FIELDS)
    assert {name: titles[at] for name, at in found.items()} == {
        "name": "会员姓名",
        "phone": "会员手机",
        "since": "入会时间",
        "level": "卡类型",
        "stored_value": "卡内余额（元）",
        "points": "剩余积分",
        "branch": "所属门店",
    }


def test_words_mean_what_the_contracts_know() -> None:
    assert set(STATUSES) <= set(booking.STATUSES)
    assert set(METHODS) <= set(cash.METHODS)
    assert KNOWN_WORDS["status"][squeezed("No-Show")] == "no_show"
    assert KNOWN_WORDS["method"][squeezed("微信支付（商户）")] == "wechat"
