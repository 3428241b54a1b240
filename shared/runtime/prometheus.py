"""The registry a service keeps its metrics in."""

from prometheus_client import CollectorRegistry, ProcessCollector, metrics


def new_registry() -> CollectorRegistry:
    """A registry with the process's own figures; metrics made from now on have no `_created` series."""
    metrics.disable_created_metrics()  # type: ignore[no-untyped-call]
    registry = CollectorRegistry()
    ProcessCollector(registry=registry)
    return registry
