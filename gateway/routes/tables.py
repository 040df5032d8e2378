"""Rows of the data tables that a studio makes itself; their fields are designed as forms are.

A table belongs to no branch, all of them share it: its rows are read by everybody who may read
forms, and written by staff of all branches.
"""

from typing import Any

from gateway.auth import staff_with
from gateway.http import Area, Call, route
from gateway.routes.submissions import asked_for, where_parameter
from services.contracts import tables
from services.contracts.errors import Forbidden
from services.contracts.fields import Contract

READ = "form.read"
WRITE = "form.write"
ROW = "/api/v1/forms/<uuid:form_id>/rows/<uuid:row_id>"


class RowsQuery(tables.ListRows):
    class Meta(Contract.Meta):
        exclude = ("form_id",)

    where: Any = where_parameter()


class RowBody(tables.DefineRow):
    class Meta(Contract.Meta):
        exclude = ("form_id", "row_id")


class Tables(Area):
    @route(
        "GET",
        "/api/v1/forms/<uuid:form_id>/rows",
        zh="数据表记录",
        en="List the rows of a data table",
        tag="forms",
        query=RowsQuery(),
        calls=(tables.LIST_ROWS,),
        admission=staff_with(READ),
    )
    def list_rows(self, call: Call, form_id: str) -> Any:
        return self.booking.list_rows(form_id=form_id, **asked_for(call))

    @route(
        "GET",
        ROW,
        zh="查看记录",
        en="Read a row",
        tag="forms",
        calls=(tables.GET_ROW,),
        admission=staff_with(READ),
    )
    def read_row(self, call: Call, form_id: str, row_id: str) -> Any:
        return self.booking.get_row(form_id=form_id, row_id=row_id)

    @route(
        "PUT",
        ROW,
        zh="保存记录",
        en="Add or change a row",
        tag="forms",
        body=RowBody(),
        calls=(tables.DEFINE_ROW,),
        extra_errors=(Forbidden,),
        admission=staff_with(WRITE),
    )
    def define_row(self, call: Call, form_id: str, row_id: str) -> Any:
        call.staff.require_everywhere()
        return self.booking.define_row(form_id=form_id, row_id=row_id, **call.body)

    @route(
        "DELETE",
        ROW,
        zh="删除记录",
        en="Delete a row, which can be brought back",
        tag="forms",
        calls=(tables.DELETE_ROW,),
        extra_errors=(Forbidden,),
        admission=staff_with(WRITE),
    )
    def delete_row(self, call: Call, form_id: str, row_id: str) -> Any:
        call.staff.require_everywhere()
        return self.booking.delete_row(form_id=form_id, row_id=row_id)

    @route(
        "POST",
        f"{ROW}/restore",
        zh="恢复记录",
        en="Bring a deleted row back",
        tag="forms",
        calls=(tables.RESTORE_ROW,),
        extra_errors=(Forbidden,),
        admission=staff_with(WRITE),
    )
    def restore_row(self, call: Call, form_id: str, row_id: str) -> Any:
        call.staff.require_everywhere()
        return self.booking.restore_row(form_id=form_id, row_id=row_id)
