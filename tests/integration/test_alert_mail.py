"""An operational alert on its whole way: the deployed rule, the deployed Alertmanager configuration, a real mail."""

import asyncio
import email
import email.policy
import subprocess
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import httpx

from tests.support.mail_server import Behaviour, running_mail_server
from tests.support.programs import free_port, require_program
from tests.support.prometheus import running_prometheus
from tests.support.waiting import eventually

FOLDER = Path(__file__).parents[2] / "deploy" / "alertmanager"


def test_amtool_finds_nothing() -> None:
    command = [require_program("amtool"), "check-config", str(FOLDER / "alertmanager.yml")]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "1 templates" in done.stdout


def test_who_gets_what() -> None:
    assert receiver("alertname=PulseServiceDown", "severity=critical") == "operators"
    assert receiver("alertname=PulseMailFailing", "severity=warning") == "operators"
    assert receiver("alertname=PulseFlagRaised", "severity=info") == "nobody"
    assert receiver("alertname=PulseFlag", "unit=phu-my") == "nobody"


def receiver(*labels: str) -> str:
    command = [require_program("amtool"), "config", "routes", "test", "--config.file", "alertmanager.yml", *labels]
    return subprocess.run(command, cwd=FOLDER, capture_output=True, text=True, check=True).stdout.strip()


@asynccontextmanager
async def alertmanager(folder: Path, smtp_port: int) -> AsyncIterator[httpx.AsyncClient]:
    """The deployed configuration with its mail server and its patience changed."""
    program = require_program("prometheus-alertmanager")
    configuration = (FOLDER / "alertmanager.yml").read_text()
    for old, new in {
        "mailpit:1025": f"127.0.0.1:{smtp_port}",
        "group_wait: 30s": "group_wait: 100ms",
        "group_wait: 10s": "group_wait: 4s",
        "group_interval: 5m": "group_interval: 200ms",
    }.items():
        assert old in configuration, old
        configuration = configuration.replace(old, new)
    (folder / "alertmanager.yml").write_text(configuration)
    (folder / "email.tmpl").write_text((FOLDER / "email.tmpl").read_text())
    address = f"127.0.0.1:{free_port()}"
    command = [program, "--config.file", str(folder / "alertmanager.yml"), "--storage.path", str(folder)]
    command += ["--web.listen-address", address, "--cluster.listen-address", ""]
    command += ["--web.external-url", "https://alerts.example.vn"]
    with (folder / "alertmanager.log").open("wb") as log:
        process = await asyncio.create_subprocess_exec(*command, stdout=log, stderr=log)
    try:
        async with httpx.AsyncClient(base_url=f"http://{address}", timeout=5) as client:
            await eventually(lambda: is_ready(client))
            yield client
    finally:
        process.terminate()
        await process.wait()


async def is_ready(client: httpx.AsyncClient) -> bool:
    try:
        return (await client.get("/-/ready")).is_success
    except httpx.TransportError:
        return False


def messages(behaviour: Behaviour) -> list[EmailMessage]:
    messages = (email.message_from_bytes(raw, policy=email.policy.default) for raw in behaviour.accepted)
    return [message for message in messages if isinstance(message, EmailMessage)]


def content(message: EmailMessage, kind: str) -> str:
    part = message.get_body((kind,))
    assert part is not None
    text: str = part.get_content()
    return text


async def test_a_service_that_is_down_is_mailed_in_words(tmp_path: Path) -> None:
    behaviour = Behaviour()
    down = f"127.0.0.1:{free_port()}"
    async with running_mail_server(behaviour) as smtp_port, alertmanager(tmp_path, smtp_port) as client:
        places = dict.fromkeys(("ingest:8001", "metrics:8002", "notifier:8003", "board:8000"), down)
        places["alertmanager:9093"] = str(client.base_url).removeprefix("http://").rstrip("/")
        with running_prometheus(tmp_path, places, impatient=True):
            await eventually(lambda: arrived(behaviour, 1), seconds=60)
    message = messages(behaviour)[0]
    assert message["Subject"] == "[Pulse5299 critical] PulseServiceDown (4)"
    assert message["To"] == "operators@dean5299.example.vn"
    assert message["Auto-Submitted"] == "auto-generated"
    for kind in ("plain", "html"):
        text = content(message, kind)
        assert f"Prometheus has had no answer from {down} for a minute." in text
        for job in ("pulse-ingest", "pulse-metrics", "pulse-notifier", "pulse-board"):
            assert f"{job} does not answer" in text
        assert "docs/runbooks/service-down.md" in text
        assert "https://alerts.example.vn" in text
        assert "<no value>" not in text


async def arrived(behaviour: Behaviour, number: int) -> bool:
    return len(behaviour.accepted) >= number


def alert(name: str, severity: str = "warning", **more: str) -> dict[str, Any]:
    annotations = {"summary": f"{name} & <b>", "description": "Said.", "runbook_url": "docs/runbooks/x.md"}
    return {"labels": {"alertname": name, "severity": severity, **more}, "annotations": annotations}


async def test_what_follows_from_redis_is_not_mailed_and_the_end_is(tmp_path: Path) -> None:
    behaviour = Behaviour()
    async with running_mail_server(behaviour) as smtp_port, alertmanager(tmp_path, smtp_port) as client:
        away = alert("PulseRedisAway", "critical", job="pulse-ingest")
        followers = ["PulseConsumerStuck", "PulseIngestRefusing", "PulseMailFailing"]
        alerts = [away, *map(alert, followers), alert("PulseFlagRaised", "info", unit="phu-my")]
        (await client.post("/api/v2/alerts", json=alerts)).raise_for_status()
        await eventually(lambda: arrived(behaviour, 1))
        result = (await client.get("/api/v2/alerts")).json()
        states = {each["labels"]["alertname"]: each["status"]["state"] for each in result}
        assert {name for name, state in states.items() if state == "suppressed"} == set(followers)
        over = {**away, "startsAt": result[0]["startsAt"], "endsAt": result[0]["startsAt"]}
        (await client.post("/api/v2/alerts", json=[over])).raise_for_status()
        await eventually(lambda: reported(behaviour, "[Pulse5299 resolved] PulseRedisAway & <b>"))
    stands = messages(behaviour)[0]
    assert stands["Subject"] == "[Pulse5299 critical] PulseRedisAway & <b>"
    assert "PulseRedisAway &amp; &lt;b&gt;" in content(stands, "html")
    assert not any("PulseFlagRaised" in str(message["Subject"]) for message in messages(behaviour))


async def reported(behaviour: Behaviour, subject: str) -> bool:
    return subject in {str(message["Subject"]) for message in messages(behaviour)}
