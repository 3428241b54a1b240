"""The API of the board, pages and the notice of a closed month: parse the query, ask for what is shown, render."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Coroutine, Iterable
from functools import partial
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse, Response

from services.board.board_data import BoardData, FlagSource, missing, reconciled_month
from services.board.events import Live
from services.board.instruments import Instruments
from services.board.page_cache import NO_CHANGE, PageCache, Scope
from services.board.page_query import BadQueryError, PageQuery, language_of, parse_query, units_matching
from services.board.pages.cards import UnitData, reconciled_lines, unit_page_of
from services.board.pages.flag_lines import evaluated_text, grouped, note_lines, silent_units, units_in_lumps
from services.board.pages.frame import Frame
from services.board.pages.overview import closed_month_lines, overview_of, stale_since
from services.board.rendering import HEADERS, Assets, PageRenderer, answer, at_version
from services.reports.documents import MEDIA_TYPES, render_notice
from services.reports.snapshots import month_snapshots
from shared.clients.metrics import MetricsClient
from shared.contracts.flags import FlagsResponse
from shared.contracts.months import MonthState
from shared.domain.catalogue import PROVINCE, Catalogue, Unit
from shared.domain.clock import Clock
from shared.domain.errors import NotFoundError, PulseError
from shared.domain.months import Month

log = logging.getLogger(__name__)

FOR_EVER = "public, max-age=31536000, immutable"


class Board:
    """Answers the pages, each made anew when the figures or the flags changed."""

    def __init__(
        self,
        data: BoardData,
        cache: PageCache,
        flags: FlagSource,
        live: Live,
        pages: PageRenderer,
        instruments: Instruments,
    ) -> None:
        self._data = data
        self._cache = cache
        self._flags = flags
        self._live = live
        self._pages = pages
        self.instruments = instruments

    async def overview(self, request: Request) -> Response:
        return await self._answer(await self._frame(request), None, self._overview)

    async def unit(self, request: Request) -> Response:
        code = request.path_params["code"]
        frame = await self._frame(request)
        if code != PROVINCE and code not in frame.catalogue.unit_by_code:
            raise BadQueryError("board.bad_unit", code)
        # every unit's counts are in the province's, of which the page shows the unit's share
        scope = Scope(
            targets=frozenset({frame.query.target.number}) if frame.query.target else None,
            until=max(frame.day, reconciled_month(frame.day).last_day),
            reconciliation=True,
        )
        return await self._answer(frame, scope, partial(self._unit, code=code))

    async def flags(self, request: Request) -> Response:
        return await self._answer(await self._frame(request), NO_CHANGE, self._all_flags)

    async def _answer(
        self,
        frame: Frame,
        scope: Scope | None,
        render: Callable[[Frame, FlagsResponse | None], Coroutine[Any, Any, str]],
    ) -> Response:
        flags_response = await self._flags.on(frame.day)
        address = frame.query.url(frame.path, lang=frame.lang, target=frame.target_number)
        key = ("page", address, frame.query.lang_chosen, frame.today, frame.live)
        html = await self._cache.remembered(key, scope, lambda: render(frame, flags_response), flags_response)
        return answer(at_version(html, frame.version), frame.lang)

    async def _overview(self, frame: Frame, flags_response: FlagsResponse | None) -> str:
        progress = await self._data.progress(frame.day)
        last = progress.last_counted_day
        today = await self._data.today(PROVINCE) if frame.is_today else {}
        return self._pages.html(
            "overview",
            frame,
            missing=missing(flags_response),
            evaluated=evaluated_text(flags_response, frame.lang),
            overview=overview_of(frame.catalogue, progress, flags_response, today, frame.query),
            empty=last is None,
            months=closed_month_lines(await self._closed_months(), frame.lang),
            stale=stale_since(progress, last),
            last=last,
        )

    async def _closed_months(self) -> list[MonthState]:
        """Every closed month; none, and a line in the log, where the record of them is damaged or away."""
        try:
            return await self._data.closed_months()
        except PulseError as error:
            log.warning("closed months cannot be read", extra={"error": str(error)})
            return []

    async def _unit(self, frame: Frame, flags_response: FlagsResponse | None, code: str) -> str:
        unit_data = UnitData(
            frame.catalogue,
            await self._data.progress(frame.day),
            await self._data.curves(code, frame.day, frame.query.target),
            await self._data.today(code) if frame.is_today else {},
            flags_response,
        )
        page = unit_page_of(code, unit_data, frame.query)
        record = await self._data.reconciled(code, frame.day, frame.query.target)
        reconciled = reconciled_lines(record.rows, frame.catalogue, frame.lang) if record else []
        month = f"{record.since:%m/%Y}" if record else ""
        record_texts = {"reconciled": reconciled, "month": month, "contested": await self._data.contested(code)}
        return self._pages.html("unit", frame, missing=missing(flags_response), unit=page, **record_texts)

    async def _all_flags(self, frame: Frame, flags_response: FlagsResponse | None) -> str:
        catalogue, query = frame.catalogue, frame.query
        verdicts = flags_response.verdicts if flags_response else []
        return self._pages.html(
            "flags",
            frame,
            missing=missing(flags_response),
            evaluated=evaluated_text(flags_response, frame.lang),
            groups=grouped(flags_response.flags if flags_response else [], catalogue, query),
            notes=note_lines(verdicts, catalogue, query),
            silent=_unit_links(silent_units(verdicts, catalogue), query),
            in_lumps=_unit_links(units_in_lumps(verdicts, catalogue), query),
        )

    async def units(self, request: Request) -> Response:
        """The unit looked for, if only one fits; else those that do, or all."""
        frame = await self._frame(request)
        text = request.query_params.get("q", "").strip()
        units = frame.catalogue.units_on(frame.day)
        matching = [unit for unit in units if text in (unit.name_vi, unit.name_en)] or units_matching(units, text)
        if len(matching) == 1:
            return RedirectResponse(frame.url(f"/units/{matching[0].code}"), 303, HEADERS)
        links = [(unit.name(frame.lang), frame.url(f"/units/{unit.code}")) for unit in matching or units]
        html = self._pages.html("units", frame, text=text, matching=bool(matching), links=links)
        return answer(at_version(html, frame.version), frame.lang)

    def events(self, request: Request) -> Response:
        return self._live.response(request.headers.get("last-event-id") or request.query_params.get("seen", ""))

    def problem_page(self, request: Request, key: str, given: str, status: int) -> Response:
        """A page that says what cannot be shown and why."""
        language = language_of(request.query_params, request.headers.get("accept-language", ""))
        query = PageQuery(language, "lang" in request.query_params)
        frame = Frame(self._data.catalogue, query, "/", self._data.day)
        began = frame.date(frame.catalogue.project.began)
        html = self._pages.html("problem", frame, detail=frame.translate(key, given=given, began=began))
        return answer(html, frame.lang, status)

    async def _frame(self, request: Request) -> Frame:
        """The page's surroundings; live where a change today can change it: it shows today, or all there is."""
        catalogue = self._data.catalogue
        query = parse_query(request.query_params, request.headers.get("accept-language", ""), catalogue)
        self._cache.expire()
        today = self._data.day
        day = query.as_of or today
        last = (await self._data.progress(day)).last_counted_day
        live = day >= today or (last is not None and day > last)
        return Frame(catalogue, query, request.url.path, today, self._live.version if live else None)


def _unit_links(units: Iterable[Unit], query: PageQuery) -> list[tuple[str, str]]:
    return [(unit.name(query.lang), query.url(f"/units/{unit.code}")) for unit in units]


def board_routes(board: Board, assets: Assets) -> APIRouter:
    """The routes; none is part of the API's documentation."""
    router = APIRouter(include_in_schema=False)
    for path, page in (
        ("/", board.overview),
        ("/units", board.units),
        ("/units/{code}", board.unit),
        ("/flags", board.flags),
    ):
        router.add_api_route(path, _guarded(board, page), methods=["GET", "HEAD"], response_class=Response)

    @router.get("/events")
    async def events(request: Request) -> Response:
        return board.events(request)

    @router.get("/assets/{name}")
    async def asset_file(name: str) -> Response:
        asset = assets.find(name)
        if asset is None:
            raise NotFoundError(f"there is no asset {name!r}")
        return Response(asset.content, 200, HEADERS | {"Cache-Control": FOR_EVER}, asset.media_type)

    return router


def _guarded(board: Board, page: Callable[[Request], Awaitable[Response]]) -> Callable[[Request], Awaitable[Response]]:
    """`page`, whose failures a visitor can act on become pages too."""

    async def answer(request: Request) -> Response:
        try:
            with board.instruments.page_seconds.time():
                return await page(request)
        except BadQueryError as error:
            return board.problem_page(request, error.key, error.given, 404 if error.key == "board.bad_unit" else 400)
        except PulseError as error:
            log.warning("a page cannot be shown", extra={"path": request.url.path, "error": str(error)})
            return board.problem_page(request, "board.metrics_away", "", 503)

    return answer


POLICY = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
"""The HTML notice brings its own styles, and nothing else."""


def notice_routes(metrics: MetricsClient, catalogue: Catalogue, clock: Clock) -> APIRouter:
    """The route of the notice; its errors are answered as problem+json, not as pages."""
    router = APIRouter(include_in_schema=False)

    @router.api_route("/months/{month}/notice.{suffix}", methods=["GET", "HEAD"])
    async def notice(request: Request, month: str, suffix: str) -> Response:
        """422 for what is no month, 404 for a month never closed or an unknown format, 503 while metrics is away."""
        closed = Month.parse(month)
        form = next((form for form in MEDIA_TYPES if form == suffix), None)
        if form is None:
            raise NotFoundError(f"no notice is written as {suffix!r}: there are {', '.join(MEDIA_TYPES)}")
        lang = language_of(request.query_params, request.headers.get("accept-language", ""))
        snapshot, earlier = await month_snapshots(metrics, closed)
        content = await asyncio.to_thread(render_notice, snapshot, catalogue, lang, form, clock(), earlier=earlier)
        shown = "inline" if form == "html" else "attachment"
        name = f'{shown}; filename="notice-{snapshot.as_of}-{lang}.{form}"'
        headers = HEADERS | {"Content-Security-Policy": POLICY, "Content-Language": lang, "Content-Disposition": name}
        return Response(content, 200, headers, MEDIA_TYPES[form])

    return router
