"""Files on their way in: resumable by the tus protocol, or whole in one request."""

from typing import Any
from urllib.parse import quote

import eventlet
from marshmallow import fields, validate
from werkzeug.wrappers import Request, Response

from gateway import receiving, tus
from gateway.auth import Admission, holder_or_staff_with
from gateway.http import NO_STORE, Area, Call, route
from gateway.problems import MethodRefused
from services.contracts import uploads
from services.contracts.errors import TooMany, Unauthenticated, Unavailable
from services.contracts.fields import Contract

WRITE = "booking.write"
THEME_WRITE = "theme.write"
PERMIT_HEADER = "X-Upload-Permit"

# Who may send is decided by what is sent: the holder of a link, staff, or a visitor with a permit.
SENDER = Admission(by_staff=True, by_manage_token=True)

WAIT_SECONDS = 5.0
"""How long the answer to a whole file waits for its check; most are checked within one second."""

POLL_SECONDS = 0.25
OPTIONS = {
    "Tus-Resumable": tus.VERSION,
    "Tus-Version": tus.VERSION,
    "Tus-Extension": tus.EXTENSIONS,
    "Tus-Checksum-Algorithm": ",".join(tus.ALGORITHMS),
}

TUS_ERRORS = (
    tus.VersionRefused,
    tus.HeaderInvalid,
    tus.ChunkTypeRefused,
    tus.ChecksumMismatch,
    receiving.Interrupted,
)


class UploadQuery(Contract):
    """What a file is for, when it is sent whole; `name` is not needed within a form."""

    purpose = fields.String(validate=validate.OneOf(uploads.PURPOSES))
    name = fields.String(validate=validate.Length(min=1, max=200))
    booking_id = fields.UUID()
    form_id = fields.UUID()


class Uploads(Area):
    @route(
        "OPTIONS",
        "/api/v1/uploads",
        zh="支持的上传协议",
        en="Read what of the tus protocol is spoken",
        tag="uploads",
        status=204,
    )
    def tell_protocol(self, call: Call) -> Response:
        return Response(status=204, headers=OPTIONS)

    @route(
        "POST",
        "/api/v1/uploads",
        zh="上传文件（整个，或按 tus 协议开始断点续传）",
        en="Upload a file, or begin a resumable upload by the tus protocol",
        tag="uploads",
        query=UploadQuery(),
        raw_body=True,
        calls=(uploads.START_UPLOAD, uploads.APPEND_UPLOAD),
        extra_errors=(
            Unauthenticated,
            uploads.FileRefused,
            TooMany,
            receiving.FileMissing,
            receiving.Interrupted,
            tus.VersionRefused,
            tus.HeaderInvalid,
        ),
        status=201,
        admission=SENDER,
    )
    def create_upload(self, call: Call) -> Any:
        if "Tus-Resumable" in call.request.headers:
            return self._begin(call)
        wish = {"content_type": call.request.mimetype, "name": "file", **call.query}
        if call.request.mimetype == "multipart/form-data":
            name, content = receiving.file_in(call.request)
            wish |= {"content_type": "", "name": call.query.get("name", name)}
        else:
            content = receiving.body_of(call.request)
        upload = self._start(call, wish)
        return self._checked(self._receive(call.request, upload, content=content, at_once=True))

    @route(
        "GET",
        "/api/v1/uploads/<string(maxlength=200):token>",
        zh="查询上传状态（HEAD 为 tus 断点）",
        en="Read how an upload stands (by HEAD as tus tells it)",
        tag="uploads",
        calls=(uploads.GET_UPLOAD,),
    )
    def read_upload(self, call: Call, token: str) -> Any:
        upload = self.booking.get_upload(token=token)
        if call.request.method != "HEAD":
            return upload
        tus.check_version(call.request)
        headers = tus.headers_of(upload)
        if upload["note"]:
            headers["Upload-Metadata"] = upload["note"]
        return Response(status=200, headers=headers)

    @route(
        "PATCH",
        "/api/v1/uploads/<string(maxlength=200):token>",
        zh="断点续传（tus）",
        en="Go on with an upload (tus)",
        tag="uploads",
        raw_body=True,
        calls=(uploads.APPEND_UPLOAD,),
        extra_errors=TUS_ERRORS,
        status=204,
    )
    def continue_upload(self, call: Call, token: str) -> Response:
        request = call.request
        tus.check_version(request)
        tus.check_chunk(request)
        offset, checksum = tus.offset_of(request), tus.checksum_of(request)
        upload = self.booking.get_upload(token=token)
        if offset != upload["received"]:
            raise uploads.OffsetConflict(offset=upload["received"])
        _check_length(request, upload)
        upload = self._receive(request, upload, checksum=checksum)
        return Response(status=204, headers=tus.headers_of(upload))

    @route(
        "DELETE",
        "/api/v1/uploads/<string(maxlength=200):token>",
        zh="放弃上传",
        en="End an upload before it belongs to anything",
        tag="uploads",
        calls=(uploads.END_UPLOAD,),
        extra_errors=(tus.VersionRefused,),
        status=204,
    )
    def end_upload(self, call: Call, token: str) -> Response:
        tus.check_version(call.request)
        self.booking.end_upload(token=token)
        return Response(status=204, headers={**NO_STORE, "Tus-Resumable": tus.VERSION})

    @route(
        "POST",
        "/api/v1/uploads/<string(maxlength=200):token>",
        zh="断点续传或放弃（客户端不支持 PATCH、DELETE 时，用 X-HTTP-Method-Override）",
        en="Go on with an upload or end it, for clients without PATCH (X-HTTP-Method-Override)",
        tag="uploads",
        raw_body=True,
        calls=(uploads.APPEND_UPLOAD,),
        extra_errors=(*TUS_ERRORS, MethodRefused),
        status=204,
    )
    def override_method(self, call: Call, token: str) -> Response:
        wanted = call.request.headers.get("X-HTTP-Method-Override", "").upper()
        if wanted == "PATCH":
            return self.continue_upload(call, token)
        if wanted == "DELETE":
            return self.end_upload(call, token)
        raise MethodRefused(allowed=["DELETE", "GET", "HEAD", "OPTIONS", "PATCH"])

    @route(
        "GET",
        "/api/v1/bookings/<uuid:booking_id>/uploads",
        zh="预约的参考图与附件",
        en="List the files of a booking",
        tag="uploads",
        calls=(uploads.LIST_UPLOADS,),
        admission=holder_or_staff_with("calendar.read"),
    )
    def list_uploads(self, call: Call, booking_id: str) -> Any:
        staff = call.visitor.staff
        crew_id = None if staff is None or staff.may("booking.read") else staff.resource_id
        if staff is not None and crew_id is None:
            staff.require("booking.read")
        return self.booking.list_uploads(booking_id=booking_id, access=call.access, crew_id=crew_id)

    @route(
        "DELETE",
        "/api/v1/bookings/<uuid:booking_id>/uploads/<uuid:upload_id>",
        zh="删除预约的文件",
        en="Remove a file from a booking",
        tag="uploads",
        calls=(uploads.REMOVE_UPLOAD,),
        status=204,
        admission=holder_or_staff_with(WRITE),
    )
    def remove_upload(self, call: Call, booking_id: str, upload_id: str) -> None:
        self.booking.remove_upload(booking_id=booking_id, upload_id=upload_id, access=call.access)

    def _begin(self, call: Call) -> Response:
        """Begin a resumable upload; some clients send the first bytes along."""
        request = call.request
        tus.check_version(request)
        told = tus.metadata_of(request)
        wish: dict[str, Any] = {
            **{key: told[key] for key in ("purpose", "booking_id", "form_id") if key in told},
            "name": told.get("filename") or told.get("name") or "file",
            "content_type": told.get("filetype") or told.get("type") or "",
            "size": tus.length_of(request),
            "note": request.headers.get("Upload-Metadata", ""),
        }
        checksum = tus.checksum_of(request)
        upload = self._start(call, wish)
        if request.mimetype == tus.CHUNK_TYPE:
            _check_length(request, upload)
            upload = self._receive(request, upload, checksum=checksum)
        headers = {**tus.headers_of(upload), "Location": _path_of(upload)}
        return Response(status=201, headers=headers)

    def _start(self, call: Call, wish: dict[str, Any]) -> dict[str, Any]:
        permit = call.request.headers.get(PERMIT_HEADER)
        access = None
        if permit is not None:
            call.limits["upload"].take(call.client)
            wish["client"] = call.client
        else:
            if call.visitor.staff is None and call.visitor.manage_token is None:
                raise Unauthenticated()
            if call.visitor.staff is not None:
                call.staff.require(THEME_WRITE if wish.get("purpose") == "theme_image" else WRITE)
            access = call.access
        started: dict[str, Any] = self.booking.start_upload(permit=permit, access=access, **wish)
        return started

    def _receive(
        self, request: Request, upload: dict[str, Any], *, content: Any = None, **how: Any
    ) -> dict[str, Any]:
        told_size = tus.number(request, "Upload-Length") if upload["size"] is None else None

        def count(offset: int, pieces: list[dict[str, Any]]) -> dict[str, Any]:
            size = told_size
            if how.get("at_once"):
                size = offset + sum(piece["size"] for piece in pieces)
            counted: dict[str, Any] = self.booking.append_upload(
                token=upload["token"], offset=offset, pieces=pieces, size=size
            )
            return counted

        source = receiving.body_of(request) if content is None else content
        return receiving.receive(source, upload, store=self.store, count=count, **how)

    def _checked(self, upload: dict[str, Any]) -> dict[str, Any]:
        """Return an upload when it was checked, or as it stands after a while.

        Errors:  FileRefused.
        """
        try:
            with eventlet.Timeout(WAIT_SECONDS, False):
                while upload["state"] == "checking":
                    eventlet.sleep(POLL_SECONDS)
                    upload = self.booking.get_upload(token=upload["token"])
        except Unavailable:
            return upload  # it has arrived; how its check went can be asked for later
        if upload["state"] == "refused":
            raise uploads.FileRefused(reason=upload["refusal"])
        return upload


def _check_length(request: Request, upload: dict[str, Any]) -> None:
    """Refuse what is too long before any of it is read.

    Errors:  UploadTooLarge.
    """
    whole = upload["max_bytes"] if upload["size"] is None else upload["size"]
    if upload["received"] + (request.content_length or 0) > whole:
        raise uploads.UploadTooLarge(max_bytes=whole)


def _path_of(upload: dict[str, Any]) -> str:
    return f"/api/v1/uploads/{quote(upload['token'])}"
