"""Orders or customers from another system's file: sent, mapped, looked at, run, taken back."""

from collections.abc import Iterator
from typing import Any

from marshmallow import fields, validate
from werkzeug.wrappers import Response

from gateway import receiving, sheets, sheets_in
from gateway.auth import staff_with
from gateway.http import NO_STORE, Area, Call, route
from gateway.problems import language_of
from services.contracts import imports
from services.contracts.errors import Unavailable
from services.contracts.fields import Contract

# A file's rows may be of any branch: only staff of all of them bring one in.
WRITE = staff_with("import.write")
ONE = "/api/v1/imports/<uuid:import_id>"

REASON = {"zh": "错误原因", "en": "What is wrong"}


class FileQuery(imports.ListImportFields):
    """What the file holds, and what it is called."""

    name = fields.String(load_default="", validate=validate.Length(max=200))


class MappingBody(imports.MapImport):
    class Meta(Contract.Meta):
        exclude = ("import_id",)


class ValuesQuery(imports.ListImportValues):
    class Meta(Contract.Meta):
        exclude = ("import_id",)


class RowsQuery(imports.ListImportRows):
    class Meta(Contract.Meta):
        exclude = ("import_id",)


class Imports(Area):
    @route(
        "GET",
        "/api/v1/imports",
        zh="导入记录",
        en="List imports",
        tag="imports",
        query=imports.ListImports(),
        calls=(imports.LIST_IMPORTS,),
        admission=WRITE,
    )
    def list_imports(self, call: Call) -> Any:
        call.staff.require_everywhere()
        return self.booking.list_imports(**call.query)

    @route(
        "GET",
        "/api/v1/imports/fields",
        zh="可导入的字段",
        en="Read what the columns of a file may hold",
        tag="imports",
        query=imports.ListImportFields(),
        calls=(imports.LIST_IMPORT_FIELDS,),
        admission=WRITE,
    )
    def list_import_fields(self, call: Call) -> Any:
        return self.booking.list_import_fields(**call.query)

    @route(
        "GET",
        "/api/v1/imports/template.xlsx",
        zh="下载导入模板",
        en="Download a file with the columns that are known, and one row as an example",
        tag="imports",
        query=imports.ListImportFields(),
        media_type=sheets.XLSX,
        admission=WRITE,
    )
    def import_template(self, call: Call) -> Response:
        language = language_of(call.request)
        known = self.booking.list_import_fields(**call.query)["items"]
        titles = [each["label"][language] for each in known]
        example = [each["example"][language] for each in known]
        return _file(sheets.workbook(titles, [example]), f"{call.query['kind']}.xlsx")

    @route(
        "PUT",
        ONE,
        zh="上传导入文件（xlsx 或 CSV，作为请求内容或 multipart 发送）",
        en="Send the file of an import, as the body or as multipart; it is read once",
        tag="imports",
        query=FileQuery(),
        raw_body=True,
        calls=(imports.START_IMPORT, imports.ADD_IMPORT_ROWS),
        extra_errors=(
            *sheets_in.SHEET_ERRORS,
            receiving.FileMissing,
            receiving.Interrupted,
            Unavailable,
        ),
        admission=WRITE,
    )
    def send_import(self, call: Call, import_id: str) -> Any:
        call.staff.require_everywhere()
        name, sheet = _received(call)
        begun = self.booking.start_import(
            import_id=import_id,
            name=call.query["name"].strip() or name,
            columns=sheet.columns,
            kind=call.query["kind"],
            staff_id=call.staff.id,
        )
        if begun["state"] != "receiving":
            return begun  # it was sent before
        for at in range(0, len(sheet.rows), imports.PIECE_ROWS):
            rows = sheet.rows[at : at + imports.PIECE_ROWS]
            last = at + imports.PIECE_ROWS >= len(sheet.rows)
            begun = self.booking.add_import_rows(import_id=import_id, rows=rows, last=last)
        return begun

    @route(
        "GET",
        ONE,
        zh="查看导入",
        en="Read how an import stands",
        tag="imports",
        calls=(imports.GET_IMPORT,),
        admission=WRITE,
    )
    def read_import(self, call: Call, import_id: str) -> Any:
        call.staff.require_everywhere()
        return self.booking.get_import(import_id=import_id)

    @route(
        "DELETE",
        ONE,
        zh="放弃导入",
        en="Forget a file of which nothing has come yet",
        tag="imports",
        calls=(imports.REMOVE_IMPORT,),
        status=204,
        admission=WRITE,
    )
    def remove_import(self, call: Call, import_id: str) -> Any:
        call.staff.require_everywhere()
        return self.booking.remove_import(import_id=import_id)

    @route(
        "GET",
        f"{ONE}/values",
        zh="列中的取值及其对应",
        en="Read what a column says, and what a field may mean",
        tag="imports",
        query=ValuesQuery(),
        calls=(imports.LIST_IMPORT_VALUES,),
        admission=WRITE,
    )
    def list_import_values(self, call: Call, import_id: str) -> Any:
        call.staff.require_everywhere()
        return self.booking.list_import_values(import_id=import_id, **call.query)

    @route(
        "PUT",
        f"{ONE}/mapping",
        zh="保存对应关系并检查",
        en="Say what the columns mean, and have all rows checked",
        tag="imports",
        body=MappingBody(),
        calls=(imports.MAP_IMPORT,),
        admission=WRITE,
    )
    def map_import(self, call: Call, import_id: str) -> Any:
        call.staff.require_everywhere()
        return self.booking.map_import(import_id=import_id, **call.body)

    @route(
        "GET",
        f"{ONE}/rows",
        zh="导入的行",
        en="List the rows of an import",
        tag="imports",
        query=RowsQuery(),
        calls=(imports.LIST_IMPORT_ROWS,),
        admission=WRITE,
    )
    def list_import_rows(self, call: Call, import_id: str) -> Any:
        call.staff.require_everywhere()
        return self.booking.list_import_rows(import_id=import_id, **call.query)

    @route(
        "GET",
        f"{ONE}/errors.xlsx",
        zh="下载错误行（修改后可再次导入）",
        en="Download the rows that are wrong, to be mended and imported again",
        tag="imports",
        media_type=sheets.XLSX,
        extra_errors=(imports.ImportUnknown,),
        admission=WRITE,
    )
    def export_errors(self, call: Call, import_id: str) -> Response:
        call.staff.require_everywhere()
        language = language_of(call.request)
        columns = self.booking.get_import(import_id=import_id)["columns"]
        rows = [
            [*_padded(row["cells"], len(columns)), _reasons(row, columns, language)]
            for row in self._bad_rows(import_id)
        ]
        return _file(sheets.workbook([*columns, REASON[language]], rows), "errors.xlsx")

    @route(
        "POST",
        f"{ONE}/run",
        zh="开始导入",
        en="Let the good rows take effect",
        tag="imports",
        calls=(imports.RUN_IMPORT,),
        admission=WRITE,
    )
    def run_import(self, call: Call, import_id: str) -> Any:
        call.staff.require_everywhere()
        return self.booking.run_import(import_id=import_id)

    @route(
        "POST",
        f"{ONE}/undo",
        zh="撤销导入",
        en="Take back all that came of an import",
        tag="imports",
        calls=(imports.UNDO_IMPORT,),
        admission=WRITE,
    )
    def undo_import(self, call: Call, import_id: str) -> Any:
        call.staff.require_everywhere()
        return self.booking.undo_import(import_id=import_id)

    def _bad_rows(self, import_id: str) -> Iterator[dict[str, Any]]:
        after: int | None = 0
        while after is not None:
            page = self.booking.list_import_rows(
                import_id=import_id, state="bad", after=after, limit=imports.PIECE_ROWS
            )
            yield from page["items"]
            after = page["next_after"]


def _received(call: Call) -> tuple[str, sheets_in.Sheet]:
    """Return the name and the rows of the file in a request.

    Errors:  those of receiving and of sheets_in.
    """
    request = call.request
    name, content = "", receiving.body_of(request)
    if request.mimetype == "multipart/form-data":
        name, content = receiving.file_in(request)
    return name[:200] or "file", sheets_in.read(sheets_in.collect(content))


def _padded(cells: list[str], width: int) -> list[str]:
    return cells + [""] * (width - len(cells))


def _reasons(row: dict[str, Any], columns: list[str], language: str) -> str:
    """Return what is wrong with a row in one cell, each with the column where it stands."""
    return "；".join(
        (f"{columns[error['column']]}：" if error["column"] is not None else "")
        + error["message"][language]
        for error in row["errors"]
    )


def _file(content: bytes, name: str) -> Response:
    headers = {**NO_STORE, "Content-Disposition": f'attachment; filename="{name}"'}
    return Response(content, mimetype=sheets.XLSX, headers=headers)
